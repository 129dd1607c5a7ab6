import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** The sockets of one listener, and what each of them is busy with. */
export interface Connections {
  /** Whether an answer written to this socket now could only be taken for that of a request which is not complete. */
  mayRefuse(socket: Socket): boolean;
  /** Whether this is the last request that its socket may carry. */
  isLast(request: IncomingMessage): boolean;
  /** Closes sockets that wait for a request, and those that connect from now on. Busy ones are left to finish. */
  closeIdle(): void;
}

interface Use {
  served: number;
  readonly inFlight: Set<IncomingMessage>;
}

/** Watches a server's sockets. Call it before the server listens. */
export const trackConnections = (server: Server): Connections => {
  const uses = new Map<Socket, Use>();
  const last = new WeakSet<IncomingMessage>();
  let closing = false;

  server.on('connection', (socket: Socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    uses.set(socket, { served: 0, inFlight: new Set() });
    socket.once('close', () => uses.delete(socket));
  });
  server.prependListener('request', (request, response) => {
    const use = uses.get(request.socket);
    if (use === undefined) return;
    use.served += 1;
    if (use.served === server.maxRequestsPerSocket) last.add(request);
    use.inFlight.add(request);
    response.once('close', () => use.inFlight.delete(request));
  });

  return {
    mayRefuse: (socket) => [...(uses.get(socket)?.inFlight ?? [])].every((request) => !request.complete),
    isLast: (request) => last.has(request),
    // Not closeIdleConnections: it spares sockets that have not sent a byte yet, which would hold a shutdown up.
    closeIdle: () => {
      closing = true;
      for (const [socket, { inFlight }] of uses) if (inFlight.size === 0) socket.destroy();
    },
  };
};
