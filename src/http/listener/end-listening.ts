import { type Server as NetServer, Server as TcpServer } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import type { ListenerConnections } from './connections.ts';

/** Milliseconds that connections without a request stay open, because a request may already be on its way. */
const LINGER_MS = 1_000;
/** Maximum milliseconds for emptying the backlog while clients keep connecting. */
const BACKLOG_MS = 1_000;

/** Waits for one turn of the event loop, in which new connections are accepted and received bytes are read. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

/** Waits for a turn without a new connection: connections in the backlog are reset when the listener closes. */
const emptyBacklog = async (connections: ListenerConnections, clock: Clock): Promise<void> => {
  const until = clock.now() + BACKLOG_MS;
  for (let before = -1; before !== connections.accepted && clock.now() < until; ) {
    before = connections.accepted;
    await turn();
  }
};

/**
 * Stops listening without resetting connections: those in the backlog are accepted first, and those without a request
 * are closed after one second. Resolves when all remaining connections have requests in flight.
 */
export const endListening = async (
  server: NetServer,
  connections: ListenerConnections,
  clock: Clock,
): Promise<void> => {
  const release = connections.holdRequests();
  await emptyBacklog(connections, clock);
  // The HTTP server's own close also resets connections with an unread request.
  TcpServer.prototype.close.call(server);
  release();
  await new Promise<void>((resolve) => {
    const timer = clock.after(LINGER_MS, resolve);
    connections.onceEmpty(() => {
      timer.cancel();
      resolve();
    });
  });
  // After a long turn the timer runs before the bytes received meanwhile are read.
  await turn();
  connections.closeIdle();
};
