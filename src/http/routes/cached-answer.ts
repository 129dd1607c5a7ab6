import type { AnswerCache, StoredAnswer } from '../../graph/routes/answer-cache.ts';
import { cacheUseOf, isKnownToClient } from '../../graph/routes/cache-control.ts';
import type { PassThroughRoute } from '../../graph/routes/pass-through-route.ts';
import type { Answer, Call, RestMessage } from '../../upstream/call.ts';
import type { RawSink } from '../../upstream/rest/answer/raw-body.ts';
import type { Exchange } from '../exchange/exchange.ts';

/** The place of an answer in the store: a stored answer, or where to store one. */
export interface CachePlace {
  readonly cache: AnswerCache;
  readonly key: string;
  readonly stored: StoredAnswer | null;
}

/** Looks an answer up. Null for a request that must not use it. */
export const lookUp = async (
  { request, trace }: Exchange,
  cache: AnswerCache,
  route: PassThroughRoute,
  call: Call & { readonly message: RestMessage },
): Promise<CachePlace | null> => {
  const use = cacheUseOf(request.method ?? '', request.headers);
  if (use !== 'both') trace.record.cached('bypass');
  if (use === 'none') return null;
  const key = cache.keyOf(call, route.subsetOf(call));
  const stored = use === 'both' ? await cache.read(key) : null;
  if (use === 'both') trace.record.cached(stored === null ? 'miss' : 'hit');
  return { cache, key, stored };
};

/** The status of a stored answer for this request: 304 if the client has it. */
export const statusForClient = ({ request }: Exchange, { status, headers }: StoredAnswer): number =>
  status === 200 && isKnownToClient(request.headers, headers) ? 304 : status;

/** Collects the body that passes to another sink, and stores it at its end. A body that is too large is not stored. */
export const storing = (
  sink: RawSink,
  { cache, key }: CachePlace,
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
): RawSink => {
  let chunks: Buffer[] | null = [];
  let size = 0;
  return {
    write: (chunk) => {
      size += chunk.length;
      if (size > cache.maxBytes) chunks = null;
      else chunks?.push(chunk);
      return sink.write(chunk);
    },
    end: () => {
      sink.end();
      if (chunks !== null) cache.write(key, status, headers, Buffer.concat(chunks));
    },
    fail: (error) => sink.fail(error),
  };
};
