import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Protocol } from './random-calls.ts';

/** What a server has at this moment. */
export interface Held {
  /** Connections, and the most of them at one time. */
  sockets: number;
  mostSockets: number;
  /** Requests that it has not answered, and that nobody has given up. */
  requests: number;
}

export type HeldByAll = Readonly<Record<Protocol, readonly Readonly<Held>[]>>;

/** Asks the servers that say so on this port. */
export const heldByAll = async (port: number): Promise<HeldByAll> => {
  const asking = get({ host: '127.0.0.1', port, agent: false });
  const [response]: IncomingMessage[] = await once(asking, 'response');
  // This connection is none of those that are counted.
  const [all] = await Promise.all([response && json(response), once(asking, 'close')]);
  return all as HeldByAll; // as faulty-servers.ts writes it
};

export const total = (all: HeldByAll, what: keyof Held, protocols: readonly Protocol[]): number =>
  protocols.flatMap((protocol) => all[protocol]).reduce((sum, held) => sum + held[what], 0);
