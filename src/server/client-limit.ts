import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ClientIdentity, clientKey } from '../rate-limit/client-key.ts';
import { rateLimitHeaders, retryAfter } from '../rate-limit/headers.ts';
import type { Limiter, Quota } from '../rate-limit/limiter.ts';
import { principalOf } from './authentication.ts';
import { traceOf } from './observe-requests.ts';
import { RefusedError, refusal } from './refusal.ts';

/** How many requests one client may send, whatever they ask for. */
export interface ClientLimit {
  readonly quota: Quota;
  readonly limiter: Limiter;
}

const POLICY = 'client';

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * A hook that counts each request against its client's quota, once `authenticate` has found out who that is; a request that
 * is refused there counts for its network. One too many is 429 as a whole, before its body is read.
 */
export const clientLimit = ({ quota, limiter }: ClientLimit, authenticate: Hook): Hook => {
  const count = async (request: FastifyRequest, reply: FastifyReply, client: ClientIdentity): Promise<void> => {
    const verdict = await limiter.consume(`${POLICY}:${clientKey(client, request.client.address)}`);
    const headers = rateLimitHeaders({ policy: POLICY, quota, left: verdict });
    if (verdict.admitted) reply.headers(headers);
    else {
      traceOf(request).record.refused('client');
      const seconds = retryAfter(verdict);
      const waiting = { ...headers, 'retry-after': String(seconds) };
      throw new RefusedError(refusal('RATE_LIMITED', '', { headers: waiting, details: { retryAfter: seconds } }));
    }
  };
  return async (request, reply) => {
    try {
      await authenticate(request, reply);
    } catch (error) {
      await count(request, reply, { kind: 'anonymous' });
      throw error;
    }
    await count(request, reply, principalOf(request));
  };
};

/** The limits of an answer's fields behind that of its client, which was counted first: neither hides the other. */
export const besideClientLimit = (reply: FastifyReply, fields: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    ['ratelimit-policy', 'ratelimit'].flatMap((name) => {
      const [client, field] = [reply.getHeader(name), fields.get(name)];
      return client === undefined || field === undefined ? [] : [[name, `${String(client)}, ${field}`]];
    }),
  );
