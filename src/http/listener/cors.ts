import cors from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TRACE_ID_HEADER } from '../../telemetry/names.ts';
import type { UnknownRoute } from './listener.ts';
import { RejectedError } from './rejection.ts';
import { REQUEST_ID_HEADER } from './request-id.ts';

const PREFLIGHT_CACHE_SECONDS = 600;

/** True for a CORS preflight. Any other OPTIONS is rejected like every unsupported method. */
export const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/**
 * Lets pages of these origins read responses, without cookies. `*` allows every origin. An empty list adds nothing.
 *
 * Other origins get no CORS headers, and their preflights reach the listener's not-found handler.
 */
export const addCors = (app: FastifyInstance, origins: readonly string[], unknownRoute: UnknownRoute): void => {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  app.addHook('onRequest', (request, _reply, done) => {
    // @fastify/cors would answer in plain text.
    if (request.method === 'OPTIONS' && !isPreflight(request)) throw new RejectedError(unknownRoute(request));
    done();
  });
  app.register(cors, {
    origin: allowed.has('*') ? '*' : async (origin: string | undefined) => origin !== undefined && allowed.has(origin),
    methods: ['GET', 'POST'],
    exposedHeaders: [REQUEST_ID_HEADER, TRACE_ID_HEADER, 'ratelimit', 'ratelimit-policy', 'retry-after'],
    credentials: false,
    maxAge: PREFLIGHT_CACHE_SECONDS,
  });
};
