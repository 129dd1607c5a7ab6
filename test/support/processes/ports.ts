import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * First and last port of the search: below the ranges that operating systems use for outgoing connections and for port
 * 0 (RFC 6335, 6; Linux from 32768), so that no other program takes the ports.
 */
const FIRST = 10_000;
const COUNT = 20_000;
const TRIES = 50;

const given = new Set<number>();

/** A free TCP port of 127.0.0.1, another one at each call. */
export const freePort = async (): Promise<number> => {
  const server = await holdPort();
  const port = portOf(server);
  await once(server.close(), 'close');
  return port;
};

/** A server that only holds a port; the `free` ports after it are unused. */
export const holdPort = async (free = 0): Promise<Server> => {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const ports = Array.from({ length: free + 1 }, (_, index) => port + index);
    if (ports.some((one) => given.has(one))) continue;
    const servers = await Promise.all(ports.map(listening));
    const [holder, ...others] = servers;
    const all = servers.every((server) => server !== null);
    await Promise.all((all ? others : servers).map((server) => server && once(server.close(), 'close')));
    if (!holder || !all) continue;
    for (const one of ports) given.add(one);
    return holder;
  }
  throw new Error(`No free port was found in ${TRIES} tries from ${FIRST} to ${FIRST + COUNT}.`);
};

const listening = async (port: number): Promise<Server | null> => {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return null;
  }
};

/** @throws Error unless the server listens */
export const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('This server listens on no port.');
  return address.port;
};
