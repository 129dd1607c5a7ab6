import type { IncomingMessage } from 'node:http';
import { ReceivedBuffers } from '../../core/buffer-memory.ts';
import { BodyStream } from '../../upstream/stream/body-stream.ts';
import { Http2Request } from '../listener/http2/http2-messages.ts';
import { hasBody } from '../listener/lingering-close.ts';
import { badRequest, RejectedError, tooLarge } from '../listener/rejection.ts';

/** Names that a `Connection` header may list. Others would ask the gateway to drop headers of the message. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set(['close', 'keep-alive', 'upgrade', 'te', 'http2-settings', '']);

/** True for a request with a body. HTTP/2 needs no header for it. */
const carriesBody = (request: IncomingMessage): boolean =>
  request instanceof Http2Request ? !request.stream.endAfterHeaders : hasBody(request);

const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Rejects requests with a framing that a backend might read in another way, and bodies that announce more than `maxBytes`.
 *
 * @throws RejectedError
 */
export const rejectUnsafeFraming = (request: IncomingMessage, maxBytes: number): void => {
  const { method = '', headers } = request;
  const listed = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (!listed.every((name) => OF_CONNECTIONS.has(name)))
    throw badRequest('The Connection header must not list headers of the message.');
  if (headers.trailer !== undefined) throw badRequest('Trailers are not supported.');
  if (!carriesBody(request)) return;
  if (WITHOUT_BODY.has(method)) throw badRequest(`${method} must not have a body.`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new RejectedError(tooLarge(maxBytes));
};

interface Chunks {
  readonly request: IncomingMessage;
  readonly maxBytes: number;
  /** Called for each chunk. */
  readonly received: () => void;
  /** True if all chunks that were yielded have been sent. */
  readonly isFlushed: () => boolean;
}

async function* chunksOf({ request, maxBytes, received, isFlushed }: Chunks): AsyncGenerator<Uint8Array> {
  // Connections of HTTP/2 have buffers for all of their streams.
  const buffers = request instanceof Http2Request ? null : new ReceivedBuffers();
  let left = maxBytes;
  // Leaving the loop must not destroy the request: its response may still be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    received();
    left -= chunk.length;
    if (left < 0) throw new RejectedError(tooLarge(maxBytes));
    buffers?.arrived(chunk);
    yield chunk;
    if (isFlushed()) buffers?.allPassedOn();
  }
}

/** The body of a request as it arrives, with its announced length; null without a body. `received` is called for each chunk. */
export const passedRequestBody = (
  request: IncomingMessage,
  maxBytes: number,
  received: () => void,
): { readonly body: BodyStream; readonly length: string | null } | null => {
  if (!carriesBody(request)) return null;
  const body: BodyStream = new BodyStream({
    name: 'a request',
    chunks: chunksOf({ request, maxBytes, received, isFlushed: () => body.isFlushed }),
    maxBytes: Number.POSITIVE_INFINITY,
    release: () => {},
  });
  return { body, length: request.headers['content-length'] ?? null };
};
