import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { clientReader } from '../client/client.ts';
import { publicHosts } from '../client/public-hosts.ts';
import { type AnswerHeaders, Exchange, type ExchangeOptions, type ObserveOptions } from '../exchange/exchange.ts';
import { type ListenerConnections, trackConnections } from './connections.ts';
import { endListening } from './end-listening.ts';
import { acceptProxied } from './peer/accept-proxied.ts';
import { connectionRefusals } from './peer/connection-refusals.ts';
import { Peers } from './peer/peers.ts';
import { isProbe } from './probes.ts';
import { rejectAmbiguousRequest } from './reject-ambiguous-requests.ts';
import { rejectOtherHost } from './reject-other-hosts.ts';
import { RejectedError, type Rejection, rejection } from './rejection.ts';
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
  /** Hosts of requests that are answered; requests for others are rejected, except for probes. Default: all hosts. */
  readonly publicHosts?: readonly string[];
  /** Addresses or CIDRs of proxies whose connections begin with a PROXY header. Default: none. */
  readonly proxyProtocol?: readonly string[];
  /** Name in the log. Default: public. */
  readonly name?: 'public' | 'admin';
  readonly unknownRoute: UnknownRoute;
  /** Path of the route of a request that Fastify has no route for; null for none. Default: none. */
  readonly otherRoute?: (request: IncomingMessage) => string | null;
  /** CORS headers of a response by its `Origin`. Default: none. */
  readonly corsHeaders?: (origin: string | undefined) => AnswerHeaders;
  /** Tracing, metrics and access log of requests. Default: none. */
  readonly observe?: ObserveOptions;
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange;
  }
}

/** A listener, with the parts that answer requests in front of its routes. */
export interface Listener {
  readonly app: FastifyInstance;
  readonly connections: ListenerConnections;
  readonly exchanges: ExchangeOptions;
  /** Rejects a request for another host. @throws RejectedError 421 */
  readonly checkHost: (exchange: Exchange) => void;
  /** Aborted when the listener begins to close. */
  readonly closing: AbortSignal;
}

const routeOf = (request: FastifyRequest, { otherRoute }: ListenerOptions): string | null =>
  request.is404 ? (otherRoute?.(request.raw) ?? null) : (request.routeOptions.url ?? null);

/** Reads the PROXY header of connections from these networks. */
const readProxyHeaders = (
  server: Server,
  peers: Peers,
  networks: readonly string[],
  { log, clock, name = 'public' }: ListenerOptions,
): void => {
  const refuse = connectionRefusals(log, clock, name);
  acceptProxied(server, {
    networks,
    clock,
    onSource: (socket, address) => peers.set(socket, { address, scheme: 'http', certificate: null }),
    onRefused: (socket, reason) => refuse(reason, socket.remoteAddress),
  });
};

/** Opens the exchange of each request, when it is its turn. */
const openExchanges = (
  app: FastifyInstance,
  exchanges: ExchangeOptions,
  checkHost: Listener['checkHost'],
  options: ListenerOptions,
): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const route = routeOf(request, options);
    request.exchange = new Exchange(exchanges, request.raw, reply.raw, route);
    reply.headers(request.exchange.headers);
    rejectAmbiguousRequest(request.raw);
    // The checks of balancers and of Kubernetes have an address as their host.
    if (!isProbe(route)) checkHost(request.exchange);
    done();
  });
};

/** Rejects through the exchange of the request. A URL that Fastify cannot read has none yet; it is not observed. */
const sendRejection =
  (exchanges: ExchangeOptions) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const unread = () => new Exchange({ ...exchanges, observe: null }, request.raw, reply.raw, null);
    reply.hijack();
    (request.exchange ?? unread()).reject(error);
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

/**
 * Ends the connections of a listener that closes. Returns a test for requests whose connection must close after them, and a
 * signal that is aborted when the listener begins to close.
 */
const endConnections = (
  app: FastifyInstance,
  connections: ListenerConnections,
  { clock, readiness }: ListenerOptions,
): Pick<ExchangeOptions, 'mustClose'> & Pick<Listener, 'closing'> => {
  const closing = new AbortController();
  app.addHook('preClose', async () => {
    closing.abort();
    await endListening(app.server, connections, clock);
  });
  // Node also sends `connection: close` after the maximum of requests, but leaves the socket open.
  const mustClose = (request: IncomingMessage) => closing.signal.aborted || !readiness() || connections.isLast(request);
  return { mustClose, closing: closing.signal };
};

/**
 * Creates an HTTP listener with the common limits, request ids and error responses, without routes. It does not listen
 * yet.
 */
export const createListener = (options: ListenerOptions): Listener => {
  const { clock, log, maxBodyBytes, unknownRoute, trustedProxies = [], corsHeaders = () => ({}) } = options;
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
    // The query is read from the URL where it is needed, flat and with its duplicates.
    routerOptions: { querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => reject(error, request, reply),
    clientErrorHandler: (error, socket) => rejectOnSocket(error, socket, connections),
  });
  const peers = new Peers();
  // Before other listeners of connections, which would read the header as HTTP.
  if (options.proxyProtocol?.length) readProxyHeaders(app.server, peers, options.proxyProtocol, options);
  const connections = trackConnections(app.server);
  const readClient = clientReader({
    trustedProxies,
    hosts: options.publicHosts?.length ? publicHosts(options.publicHosts) : null,
  });
  const checkHost = options.publicHosts?.length ? rejectOtherHost : () => {};
  app.server.on('checkExpectation', rejectExpectation);
  app.server.on('connect', ({ socket }) => rejectTunnel(socket, connections));
  // This hook must be the first: metrics, quotas and checks of later hooks start after the turn.
  takeTurns(app, connections);
  const { mustClose, closing } = endConnections(app, connections, options);
  const exchanges: ExchangeOptions = {
    clock,
    log,
    maxBodyBytes,
    corsHeaders,
    readClient: (request) => readClient(request, peers.of(request)),
    mustClose,
    observe: options.observe ?? null,
  };
  const reject = sendRejection(exchanges);
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (exchanges.mustClose(request.raw)) reply.header('connection', 'close');
    done();
  });
  openExchanges(app, exchanges, checkHost, options);
  app.setErrorHandler<FastifyError>(reject);
  app.setNotFoundHandler((request, reply) => reject(new RejectedError(unknownRoute(request)), request, reply));
  return { app, connections, exchanges, checkHost, closing };
};

/** Rejects requests without a route before their bodies are read. Hooks added earlier still run for them. */
export const rejectUnknownRoutes = (app: FastifyInstance, unknownRoute: UnknownRoute): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) throw new RejectedError(unknownRoute(request));
    done();
  });
};
