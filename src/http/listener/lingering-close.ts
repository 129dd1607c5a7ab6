import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.ts';

const LINGER_MS = 1_000;

/** True if the headers of a request announce a body. */
export const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || !['0', undefined].includes(headers['content-length']);

/** True if the client is still sending this request. */
export const isStillArriving = (request: FastifyRequest): boolean => !request.raw.complete && hasBody(request);

/**
 * Lingering close: answers a request that is still being sent, and closes its connection.
 *
 * The response is written immediately. The socket stays open until the client has stopped sending, one second at most.
 */
// An immediate close would reset the connection while the client still writes, and the response would be lost.
export const lingeringAnswer = (
  request: FastifyRequest,
  reply: FastifyReply,
  body: string,
  clock: Clock,
): FastifyReply => {
  reply.headers({ 'content-length': Buffer.byteLength(body), connection: 'close' }).hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(reply.statusCode);
  reply.raw.write(body);
  const end = () => {
    timer.cancel();
    reply.raw.end();
  };
  const timer = clock.after(LINGER_MS, end);
  request.raw.once('end', end).once('close', end).resume();
  return reply;
};
