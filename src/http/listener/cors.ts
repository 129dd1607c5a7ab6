import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TRACE_ID_HEADER } from '../../telemetry/names.ts';
import type { AnswerHeaders, Exchange } from '../exchange/exchange.ts';
import type { UnknownRoute } from './listener.ts';
import { RejectedError } from './rejection.ts';
import { REQUEST_ID_HEADER } from './request-id.ts';

/** Default seconds for which a browser keeps the answer to a preflight. */
const PREFLIGHT_CACHE_SECONDS = 600;

const EXPOSED = {
  'access-control-expose-headers': [
    REQUEST_ID_HEADER,
    TRACE_ID_HEADER,
    'ratelimit',
    'ratelimit-policy',
    'retry-after',
    'x-ratelimit-limit',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
  ].join(', '),
};

const NONE: AnswerHeaders = {};
const ANY: AnswerHeaders = { 'access-control-allow-origin': '*', ...EXPOSED };
const OTHER: AnswerHeaders = { vary: 'Origin' };

/**
 * Creates the function for the CORS headers of a response by its `Origin`: pages of these origins may read it, with
 * cookies only if `credentials` is true. `*` allows every origin, without cookies. Other origins get no CORS headers.
 */
export const corsHeadersFor = (
  origins: readonly string[],
  credentials: boolean,
): ((origin: string | undefined) => AnswerHeaders) => {
  if (origins.length === 0) return () => NONE;
  if (origins.includes('*')) return () => ANY;
  const shared = { ...EXPOSED, ...(credentials && { 'access-control-allow-credentials': 'true' }) };
  const allowed = new Map(
    origins.map((origin) => [origin, { ...OTHER, 'access-control-allow-origin': origin, ...shared }]),
  );
  return (origin = '') => allowed.get(origin) ?? OTHER;
};

const isAllowed = ({ headers }: Exchange): boolean => headers['access-control-allow-origin'] !== undefined;

/** True for a CORS preflight. Any other OPTIONS is rejected like every unsupported method. */
export const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

const preflightHeaders = (
  methods: readonly string[],
  requested: string | undefined,
  vary: string | undefined,
  maxAgeSeconds: number,
): AnswerHeaders => ({
  vary: [...(vary === undefined ? [] : [vary]), 'Access-Control-Request-Headers'].join(', '),
  'access-control-allow-methods': methods.join(', '),
  ...(requested === undefined ? {} : { 'access-control-allow-headers': requested }),
  'access-control-max-age': String(maxAgeSeconds),
});

const requestedHeaders = (headers: IncomingHttpHeaders): string | undefined =>
  headers['access-control-request-headers'];

const USUAL_METHODS = ['GET', 'POST'];

export interface PreflightOptions {
  readonly unknownRoute: UnknownRoute;
  /** Returns the methods of a URL with pass-through routes, and an empty list for any other. */
  readonly methodsOf: (url: string) => readonly string[];
  /** Seconds for which a browser keeps the answer. Default 600. */
  readonly maxAgeSeconds?: number | undefined;
}

/** Answers the preflights of allowed origins, for every path. */
export const addPreflight = (
  app: FastifyInstance,
  { unknownRoute, methodsOf, maxAgeSeconds = PREFLIGHT_CACHE_SECONDS }: PreflightOptions,
): void => {
  app.options('*', {}, (request, reply) => {
    const { exchange } = request;
    if (!isPreflight(request) || !isAllowed(exchange)) throw new RejectedError(unknownRoute(request));
    reply.hijack();
    const own = methodsOf(request.url);
    const methods = own.length === 0 ? USUAL_METHODS : own;
    const requested = requestedHeaders(request.headers);
    exchange.answer(204, preflightHeaders(methods, requested, exchange.headers.vary, maxAgeSeconds), '');
  });
};
