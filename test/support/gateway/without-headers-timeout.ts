import type { FastifyInstance } from 'fastify';

/** Removes the limit of a listener for headers: a client in the same busy process may exceed its ten seconds. */
export const withoutHeadersTimeout = (app: FastifyInstance): FastifyInstance => {
  app.server.headersTimeout = 0;
  return app;
};
