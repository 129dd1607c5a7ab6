import type { FastifyInstance } from 'fastify';

export const KEYS_PATH = '/.well-known/jwks.json';

/** Seconds for which a backend may keep the keys. A new key must be published for as long before it signs. */
const MAX_AGE_S = 300;

/** Adds `GET /.well-known/jwks.json`: the public keys of internal tokens, as JSON. */
export const addPublishedKeys = (app: FastifyInstance, published: () => string): void => {
  app.get(KEYS_PATH, { exposeHeadRoute: true }, (_request, reply) =>
    reply.header('cache-control', `public, max-age=${MAX_AGE_S}`).type('application/jwk-set+json').send(published()),
  );
};
