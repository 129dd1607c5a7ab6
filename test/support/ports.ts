import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const given = new Set<number>();

/** A TCP port of 127.0.0.1 that nobody listens on, another one each time. Another process may still take it first. */
export const freePort = async (): Promise<number> => {
  const server = await listenOnAnyPort();
  const port = portOf(server);
  await once(server.close(), 'close');
  if (given.has(port)) return freePort();
  given.add(port);
  return port;
};

/** A server that does nothing but hold a port. */
export const listenOnAnyPort = async (): Promise<Server> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/** @throws Error unless the server listens */
export const portOf = (server: Server): number => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('This server listens on no port.');
  return address.port;
};
