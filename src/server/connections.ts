import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The sockets of one listener, and the requests in flight on each. */
export interface Connections {
  /**
   * Resolves when the request ahead of this one on its socket is answered: pipelined requests run one after the other, so
   * that a mutation sees the one before it. Null, which costs nothing, where no request is ahead.
   */
  turnOf(request: IncomingMessage): Promise<void> | null;
  /** True for the last request that its socket may carry. */
  isLast(request: IncomingMessage): boolean;
  /**
   * Ends a socket whose next bytes are no request. Requests in flight are answered first. `lastAnswer` is for the request that
   * cannot be read to its end, or for bytes that follow no request; it is written where nothing else answers these.
   */
  endUnreadable(socket: Socket, lastAnswer: string): void;
  /** Number of sockets since the start. */
  readonly accepted: number;
  /**
   * Stops reading from all sockets, until the returned function is called. Without answers, clients have no reason to connect
   * again.
   */
  holdReads(): () => void;
  /** Calls `run` once no socket is open, at once if that is so now. */
  onceEmpty(run: () => void): void;
  /** Closes sockets without a request in flight, and those that connect from now on. */
  closeIdle(): void;
}

interface Use {
  served: number;
  /** In the order of their arrival. */
  readonly inFlight: Map<IncomingMessage, ServerResponse>;
  latest: ServerResponse | null;
  isUnreadable: boolean;
  /** True if the bytes that cannot be read follow no request in flight, and have to be answered themselves. */
  owes: boolean;
}

/** The response to a request that arrived whole, or that is refused already. */
const nextAnswer = ({ inFlight }: Use): ServerResponse | undefined => {
  for (const [request, response] of inFlight) if (request.complete || response.headersSent) return response;
  return undefined;
};

/** Watches a server's sockets. Call it before the server listens. */
export const trackConnections = (server: Server): Connections => {
  const uses = new Map<Socket, Use>();
  const last = new WeakSet<IncomingMessage>();
  const turns = new WeakMap<IncomingMessage, Promise<void>>();
  let closing = false;
  let accepted = 0;
  let isHeld = false;
  let whenEmpty: () => void = () => {};

  server.on('connection', (socket: Socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    accepted += 1;
    if (isHeld) socket.pause();
    uses.set(socket, { served: 0, inFlight: new Map(), latest: null, isUnreadable: false, owes: false });
    socket.once('close', () => {
      uses.delete(socket);
      if (uses.size === 0) whenEmpty();
    });
  });
  server.prependListener('request', (request, response) => {
    const use = uses.get(request.socket);
    if (use === undefined) return;
    use.served += 1;
    if (use.served === server.maxRequestsPerSocket) last.add(request);
    const ahead = use.inFlight.size === 0 ? null : use.latest;
    if (ahead !== null) turns.set(request, new Promise((resolve) => ahead.once('close', resolve)));
    use.inFlight.set(request, response);
    use.latest = response;
    response.once('close', () => use.inFlight.delete(request));
  });

  const endAfterAnswers = (socket: Socket, use: Use | undefined, lastAnswer: string): void => {
    const response = use === undefined ? undefined : nextAnswer(use);
    if (response !== undefined) {
      response.once('close', () => endAfterAnswers(socket, use, lastAnswer));
      return;
    }
    // A request that is left is incomplete: its handler still waits for the body.
    if (socket.writable && (use === undefined || use.owes || use.inFlight.size > 0)) socket.write(lastAnswer);
    socket.destroySoon();
  };

  return {
    turnOf: (request) => turns.get(request) ?? null,
    isLast: (request) => {
      const use = uses.get(request.socket);
      return last.has(request) || (use?.isUnreadable === true && [...use.inFlight.keys()].at(-1) === request);
    },
    endUnreadable: (socket, lastAnswer) => {
      const use = uses.get(socket);
      // Node reports the same failure again for whatever else arrives.
      if (use?.isUnreadable) return;
      if (use !== undefined) {
        use.isUnreadable = true;
        use.owes = use.inFlight.size === 0;
      }
      endAfterAnswers(socket, use, lastAnswer);
    },
    get accepted() {
      return accepted;
    },
    holdReads: () => {
      isHeld = true;
      for (const socket of uses.keys()) socket.pause();
      return () => {
        isHeld = false;
        for (const socket of uses.keys()) socket.resume();
      };
    },
    onceEmpty: (run) => {
      whenEmpty = run;
      if (uses.size === 0) run();
    },
    // Not closeIdleConnections: it spares sockets that have not sent a byte yet, which would hold a shutdown up.
    closeIdle: () => {
      closing = true;
      for (const [socket, { inFlight }] of uses) if (inFlight.size === 0) socket.destroySoon();
    },
  };
};
