import { type Server as NetServer, Server as TcpServer } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Connections } from './connections.ts';

/** How long connections may stay open without a request: a request may be on its way when the end begins. */
const LINGER_MS = 1_000;
/** Limit for emptying the backlog while clients go on connecting. */
const BACKLOG_MS = 1_000;

/** One turn of the event loop, in which new connections are accepted and what has arrived is read. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

/** Waits for a turn in which no connection is accepted: those in the backlog when the listener closes are reset. */
const emptyBacklog = async (connections: Connections, clock: Clock): Promise<void> => {
  const until = clock.now() + BACKLOG_MS;
  for (let before = -1; before !== connections.accepted && clock.now() < until; ) {
    before = connections.accepted;
    await turn();
  }
};

/**
 * Stops listening without a reset: connections of the backlog are accepted first, and those without a request are closed
 * only after they stayed silent for a second. Resolves when the connections that are left have requests in flight.
 */
export const endListening = async (server: NetServer, connections: Connections, clock: Clock): Promise<void> => {
  const release = connections.holdReads();
  await emptyBacklog(connections, clock);
  // Not the HTTP server's own close, which also resets connections whose next request has not been read yet.
  TcpServer.prototype.close.call(server);
  release();
  await new Promise<void>((resolve) => {
    const timer = clock.after(LINGER_MS, resolve);
    connections.onceEmpty(() => {
      timer.cancel();
      resolve();
    });
  });
  // After a long turn the timer comes before what has arrived meanwhile.
  await turn();
  connections.closeIdle();
};
