import type { FastifyRequest } from 'fastify';
import { NEVER_FORWARDED } from '../backend/bound-request.ts';
import type { RequestContext } from '../backend/request-context.ts';
import type { Clock } from '../clock.ts';
import { ClientGoneError, GatewayError } from '../errors.ts';
import { Cancellation } from '../upstream/signal.ts';
import { principalOf } from './authentication.ts';
import { traceOf } from './observe-requests.ts';

/** A request context, and how to let go of what feeds its signal. */
export interface OpenRequestContext {
  readonly context: RequestContext;
  /** Aborts the signal. */
  end(error: GatewayError): void;
  /** Leaves neither timer nor listener behind. The signal is not aborted any more. */
  release(): void;
}

// They mean nothing to anybody further on, but for the type, by which Apollo tells a browser's form from a client. A fixed
// list: obeying the Connection header would let a client strip headers that a proxy in front of us has set.
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([...NEVER_FORWARDED].filter((name) => name !== 'content-type'));

const forwardable = (headers: FastifyRequest['headers']): Readonly<Record<string, string>> => {
  // No prototype: a header is looked up by a name that somebody configured.
  const kept: Record<string, string> = Object.create(null);
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || OF_THE_CONNECTION.has(name)) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
};

/** The context of a request that has fully arrived. Its deadline is `timeoutMs` from now. */
export const openRequestContext = (request: FastifyRequest, clock: Clock, timeoutMs: number): OpenRequestContext => {
  const signal = new Cancellation();

  // The socket, not the response: that of a pipelined request hears nothing until its turn comes.
  const { socket } = request.raw;
  const leave = () => signal.abort(new ClientGoneError('The client closed its connection.'));
  socket.setMaxListeners(0);
  socket.once('close', leave);
  if (socket.destroyed) leave();

  const timer = clock.after(timeoutMs, () =>
    signal.abort(new GatewayError('TIMEOUT', `The request took longer than ${timeoutMs} ms.`)),
  );
  return {
    context: {
      requestId: request.id,
      principal: principalOf(request),
      headers: forwardable(request.headers),
      clientAddress: request.client.address,
      deadline: clock.now() + timeoutMs,
      signal,
      trace: traceOf(request),
      ...(request.memory && { memory: request.memory }),
    },
    end: (error) => signal.abort(error),
    release: () => {
      timer.cancel();
      socket.off('close', leave);
    },
  };
};
