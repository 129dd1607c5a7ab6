import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The sockets of one listener, and the requests in flight on each. */
export interface ListenerConnections {
  /**
   * Resolves after the response to the previous request on the same socket. Pipelined requests run one after the other,
   * so that each sees the effects of the previous mutation. Null if no request is ahead, and requests are not held.
   */
  turnOf(request: IncomingMessage): Promise<void> | null;
  /** True for the last request that its socket may carry. */
  isLast(request: IncomingMessage): boolean;
  /**
   * Closes a socket that received an invalid request, after the requests in flight are answered. `lastAnswer`
   * is written for an incomplete request, or for bytes without a request, unless a handler has answered them.
   */
  endUnreadable(socket: Socket, lastAnswer: string): void;
  /** Closes a socket after the requests in flight, also those with bodies that are still received. */
  endAfterRequests(socket: Socket): void;
  /** The functions that end sockets without requests: those of WebSockets. */
  readonly tunnelEnds: WeakMap<Socket, () => void>;
  /** Requests with bodies that may take longer than the timeout of the server. Their readers bound the time instead. */
  readonly excused: WeakSet<IncomingMessage>;
  /** Requests in flight on a socket, in order of arrival. */
  requestsOn(socket: Socket): readonly IncomingMessage[];
  /** Number of accepted sockets since the start. */
  readonly accepted: number;
  /**
   * Holds the turns of new requests until the returned function is called. Without responses, clients have no reason to
   * reconnect.
   */
  holdRequests(): () => void;
  /** Calls `run` when no socket is open, immediately if there is none now. */
  onceEmpty(run: () => void): void;
  /** Closes sockets without a request in flight, and every later connection. */
  closeIdle(): void;
}

export interface TrackedConnections {
  /** Event of a connection that may carry requests. Default `connection`. */
  readonly event?: 'connection' | 'secureConnection';
  /** Returns the socket of a request. Default: its own. */
  readonly socketOf?: (request: IncomingMessage) => Socket | undefined;
}

interface InFlight {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Use {
  served: number;
  /** Requests in flight, in order of arrival. No other response is kept: an idle connection would keep its body. */
  readonly inFlight: InFlight[];
  isUnreadable: boolean;
  /** True if the socket closes after the requests in flight. */
  isRetired: boolean;
  /** True if the unreadable bytes follow no request in flight and need an answer of their own. */
  owes: boolean;
}

/** True for a connection of HTTP/2, which ends with a frame. */
const isHttp2 = (socket: Socket): boolean => socket instanceof TLSSocket && socket.alpnProtocol === 'h2';

/** Stands for the socket of a request after the loss of its connection. */
const NO_SOCKET = new Socket();

const socketOfHttp1 = ({ socket }: IncomingMessage): Socket => socket;

const newUse = (): Use => ({ served: 0, inFlight: [], isUnreadable: false, isRetired: false, owes: false });

/** Returns the response to the first request that arrived completely or is already being answered. */
const nextAnswer = ({ inFlight }: Use): ServerResponse | undefined => {
  for (const { request, response } of inFlight) if (request.complete || response.headersSent) return response;
  return undefined;
};

const endAfterAnswers = (socket: Socket, use: Use | undefined, lastAnswer: string): void => {
  const response = use === undefined ? undefined : nextAnswer(use);
  if (response !== undefined) {
    response.once('close', () => endAfterAnswers(socket, use, lastAnswer));
    return;
  }
  // Only incomplete requests are left: their handlers still wait for the body.
  if (socket.writable && (use === undefined || use.owes || use.inFlight.length > 0)) socket.write(lastAnswer);
  socket.destroySoon();
};

const closeAfterRequests = (socket: Socket, use: Use): void => {
  if (use.isUnreadable) return;
  use.isRetired = true;
  const last = use.inFlight.at(-1)?.response;
  if (last === undefined) socket.destroySoon();
  else last.once('close', () => closeAfterRequests(socket, use));
};

/** Tracks a server's sockets. Call it before the server listens. */
export const trackConnections = (
  server: Server,
  { event = 'connection', socketOf = socketOfHttp1 }: TrackedConnections = {},
): ListenerConnections => {
  const uses = new Map<Socket, Use>();
  const last = new WeakSet<IncomingMessage>();
  const tunnelEnds = new WeakMap<Socket, () => void>();
  const turns = new WeakMap<IncomingMessage, Promise<void>>();
  let [closing, accepted] = [false, 0];
  let held: Promise<void> | null = null;
  let whenEmpty = (): void => {};

  server.on('connection', () => {
    accepted += 1;
  });
  server.on(event, (socket: Socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    uses.set(socket, newUse());
    socket.once('close', () => {
      if (uses.delete(socket) && uses.size === 0) whenEmpty();
    });
  });
  server.prependListener('request', (request, response) => {
    const use = uses.get(socketOf(request) ?? NO_SOCKET);
    if (use === undefined) return;
    use.served += 1;
    // Requests of HTTP/2 run at the same time, and its sessions count them.
    const ahead = request.httpVersionMajor === 1 ? use.inFlight.at(-1)?.response : undefined;
    if (use.served === server.maxRequestsPerSocket) last.add(request);
    if (ahead !== undefined) turns.set(request, new Promise((resolve) => ahead.once('close', resolve)));
    const own = { request, response };
    use.inFlight.push(own);
    response.once('close', () => use.inFlight.splice(use.inFlight.indexOf(own), 1));
  });

  return {
    turnOf: (request) => turns.get(request) ?? held,
    isLast: (request) => {
      const use = uses.get(request.socket);
      const isEnding = use !== undefined && (use.isUnreadable || use.isRetired);
      return last.has(request) || (isEnding && use.inFlight.at(-1)?.request === request);
    },
    endUnreadable: (socket, lastAnswer) => {
      const use = uses.get(socket);
      // Node reports the same failure again for each further chunk.
      if (use?.isUnreadable) return;
      if (use !== undefined) {
        use.isUnreadable = true;
        use.owes = use.inFlight.length === 0;
      }
      endAfterAnswers(socket, use, lastAnswer);
    },
    endAfterRequests: (socket) => {
      const [use, endTunnel] = [uses.get(socket), tunnelEnds.get(socket)];
      if (endTunnel !== undefined) endTunnel();
      else if (use !== undefined) closeAfterRequests(socket, use);
    },
    tunnelEnds,
    excused: new WeakSet<IncomingMessage>(),
    requestsOn: (socket) => uses.get(socket)?.inFlight.map(({ request }) => request) ?? [],
    get accepted() {
      return accepted;
    },
    // Sockets are not paused: Node does not always resume a socket from which its parser reads natively.
    holdRequests: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = null;
        resolve();
      };
    },
    onceEmpty: (run) => {
      whenEmpty = run;
      if (uses.size === 0) run();
    },
    // closeIdleConnections spares sockets that have not sent a byte yet, which would delay the shutdown.
    closeIdle: () => {
      closing = true;
      for (const [socket, { inFlight }] of uses) if (inFlight.length === 0 && !isHttp2(socket)) socket.destroySoon();
    },
  };
};
