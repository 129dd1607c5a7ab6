import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { type ObserveOptions, observeRequests, traceOf } from '../access/observe-requests.ts';
import { readClients } from '../client/read-clients.ts';
import { type ListenerConnections, trackConnections } from './connections.ts';
import { endListening } from './end-listening.ts';
import { isStillArriving, lingeringAnswer } from './lingering-close.ts';
import { rejectAmbiguousRequest } from './reject-ambiguous-requests.ts';
import { RejectedError, type Rejection, rejection, rejectionBody, rejectionOf } from './rejection.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts';
import { rejectExpectation, rejectOnSocket, rejectTunnel } from './socket-errors.ts';

const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const RECEIVING_TIMEOUT_MS = 30_000;
// Above the usual 60 seconds of balancers, so that the balancer closes idle connections, never the gateway.
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
// Interval of checking the timeouts above. Node's default of 30 seconds would let a slow sender stay four times as
// long.
const CONNECTION_CHECK_MS = 1_000;
const MAX_REQUESTS_PER_SOCKET = 1_000;

/** Headers of every response. They forbid it to load or run anything, and to be framed; pages set their own policy. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

/** Response to a request without a route. */
export type UnknownRoute = (request: FastifyRequest) => Rejection;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** 405 with the allowed methods if the path has a route for another method, else 404. */
export const rejectUnknownRoute: UnknownRoute = ({ server, url }) => {
  const [path = ''] = url.split('?', 1);
  const allowed = METHODS.filter((method) => server.hasRoute({ method, url: path }));
  if (allowed.length === 0) return rejection('NOT_FOUND', 'Not found.');
  const headers = { allow: allowed.join(', ') };
  return rejection('METHOD_NOT_ALLOWED', `Use ${allowed.join(' or ')}.`, { headers });
};

export interface ListenerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Maximum bytes of a request body. */
  readonly maxBodyBytes: number;
  /** While false, every response closes its connection, so that a balancer can send the client elsewhere. */
  readonly readiness: () => boolean;
  /** Addresses or CIDRs of the proxies with trusted forwarding headers. Default: none. */
  readonly trustedProxies?: readonly string[];
  readonly unknownRoute: UnknownRoute;
  /** Tracing, metrics and access log of requests. Default: none. */
  readonly observe?: ObserveOptions;
}

type SendRejection = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

const rejectionSender =
  ({ clock, log, maxBodyBytes }: ListenerOptions): SendRejection =>
  (error, request, reply) => {
    const rejected = rejectionOf(error, maxBodyBytes);
    if (rejected.code === 'INTERNAL_SERVER_ERROR') log.error('A request failed.', { requestId: request.id, error });
    traceOf(request).record.failed(rejected.code);
    const body = rejectionBody(rejected, request.id);
    reply.code(rejected.status).headers({
      ...rejected.headers,
      'content-type': rejected.headers['content-type'] ?? 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      [REQUEST_ID_HEADER]: request.id,
    });
    return isStillArriving(request) ? lingeringAnswer(request, reply, body, clock) : reply.send(body);
  };

/** Starts a request when it is its turn; drops it if the connection has closed by then. */
const takeTurns = (app: FastifyInstance, connections: ListenerConnections): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const turn = connections.turnOf(request.raw);
    if (turn === null) {
      done();
      return;
    }
    void turn.then(() => {
      if (!request.raw.socket.writable) reply.hijack();
      done();
    });
  });
};

const endConnections = (
  app: FastifyInstance,
  connections: ListenerConnections,
  { clock, readiness }: ListenerOptions,
): void => {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    await endListening(app.server, connections, clock);
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    // Node also sends `connection: close` after the maximum of requests, but leaves the socket open.
    if (closing || !readiness() || connections.isLast(request.raw)) reply.header('connection', 'close');
    done();
  });
};

/**
 * Creates an HTTP listener with the common limits, request ids and error responses, without routes. It does not listen
 * yet.
 */
export const createListener = (options: ListenerOptions): FastifyInstance => {
  const { maxBodyBytes, unknownRoute, trustedProxies = [] } = options;
  const sendRejection = rejectionSender(options);
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestTimeout: RECEIVING_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    maxRequestsPerSocket: MAX_REQUESTS_PER_SOCKET,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTION_CHECK_MS,
      // Node would answer without a body; rejectAmbiguousRequest answers in JSON.
      requireHostHeader: false,
    },
    genReqId: ({ headers }) => requestIdOf(headers),
    // The query is read from the URL where it is needed, flat and with its duplicates.
    routerOptions: { querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => void sendRejection(error, request, reply),
    clientErrorHandler: (error, socket) => rejectOnSocket(error, socket, connections),
  });
  const connections = trackConnections(app.server);
  app.server.on('checkExpectation', rejectExpectation);
  app.server.on('connect', ({ socket }) => rejectTunnel(socket, connections));
  // This hook must be the first: metrics, quotas and checks of later hooks start after the turn.
  takeTurns(app, connections);
  endConnections(app, connections, options);
  readClients(app, trustedProxies);
  if (options.observe !== undefined) observeRequests(app, options.observe);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(SECURITY_HEADERS).header(REQUEST_ID_HEADER, request.id);
    rejectAmbiguousRequest(request);
    done();
  });
  app.setErrorHandler<FastifyError>(sendRejection);
  app.setNotFoundHandler((request, reply) => sendRejection(new RejectedError(unknownRoute(request)), request, reply));
  return app;
};

/** Rejects requests without a route before their bodies are read. Hooks added earlier still run for them. */
export const rejectUnknownRoutes = (app: FastifyInstance, unknownRoute: UnknownRoute): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) throw new RejectedError(unknownRoute(request));
    done();
  });
};
