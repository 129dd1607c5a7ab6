import type { FastifyInstance } from 'fastify';
import { type Client, clientReader } from './client.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any other hook runs. Fastify's `ip` is the connection's peer. */
    client: Client;
  }
}

/** Reads the client of each request once. Call it before any other hook is added. */
export const readClients = (app: FastifyInstance, trustedProxies: readonly string[]): void => {
  const read = clientReader(trustedProxies);
  app.decorateRequest('client');
  app.addHook('onRequest', (request, _reply, done) => {
    request.client = read(request.raw.socket.remoteAddress, request.headers);
    done();
  });
};
