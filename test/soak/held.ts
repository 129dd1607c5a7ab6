import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Protocol } from './random-calls.ts';

/** Present resources of a server. */
export interface Held {
  /** Present and maximum number of connections. */
  sockets: number;
  mostSockets: number;
  /** Requests that were neither answered nor aborted. */
  requests: number;
}

export type HeldByAll = Readonly<Record<Protocol, readonly Readonly<Held>[]>>;

/** Reads the statistics of the servers from this port. */
export const heldByAll = async (port: number): Promise<HeldByAll> => {
  const asking = get({ host: '127.0.0.1', port, agent: false });
  const [response]: IncomingMessage[] = await once(asking, 'response');
  // This connection is not counted.
  const [all] = await Promise.all([response && json(response), once(asking, 'close')]);
  return all as HeldByAll; // As faulty-servers.ts writes it.
};

export const total = (all: HeldByAll, what: keyof Held, protocols: readonly Protocol[]): number =>
  protocols.flatMap((protocol) => all[protocol]).reduce((sum, held) => sum + held[what], 0);
