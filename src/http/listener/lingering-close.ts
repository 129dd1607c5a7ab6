import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../core/clock.ts';

const LINGER_MS = 1_000;

/** True if the headers of a request announce a body. */
export const hasBody = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || !['0', undefined].includes(headers['content-length']);

/** True if the client is still sending this request. */
export const isStillArriving = (request: IncomingMessage): boolean => !request.complete && hasBody(request);

/**
 * Lingering close: answers a request that is still being sent, and closes its connection. The headers of the response are
 * written already.
 *
 * The response is written immediately. The socket stays open until the client has stopped sending, one second at most.
 */
// An immediate close would reset the connection while the client still writes, and the response would be lost.
export const lingeringAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  clock: Clock,
): void => {
  response.write(body);
  const end = () => {
    timer.cancel();
    response.end();
  };
  const timer = clock.after(LINGER_MS, end);
  request.once('end', end).once('close', end).resume();
};
