import type { FastifyInstance } from 'fastify';

const PATHS: ReadonlySet<string | null> = new Set(['/livez', '/readyz']);

/** True for the route of a probe. */
export const isProbe = (route: string | null): boolean => PATHS.has(route);

/**
 * Adds `GET /livez`, 200 while the process responds, and `GET /readyz`, 200 while the gateway accepts traffic, else
 * 503. Neither has a body.
 */
export const addProbes = (app: FastifyInstance, readiness: () => boolean): void => {
  const options = { exposeHeadRoute: true };
  app.get('/livez', options, (_request, reply) => reply.header('cache-control', 'no-store').send());
  app.get('/readyz', options, (_request, reply) =>
    reply
      .code(readiness() ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(),
  );
};
