import type { FastifyInstance } from 'fastify';

/** `GET /livez`: 200 while the process answers. `GET /readyz`: 200 while traffic is welcome, else 503. Neither has a body. */
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
