import type { IncomingMessage } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { clientReader } from '../client/client.ts';
import { publicHosts } from '../client/public-hosts.ts';
import { continueOnRead } from '../exchange/continue-on-read.ts';
import { type AnswerHeaders, Exchange, type ExchangeOptions, type ObserveOptions } from '../exchange/exchange.ts';
import { type ListenerConnections, trackConnections } from './connections.ts';
import { endListening } from './end-listening.ts';
import { Http2Request } from './http2/http2-messages.ts';
import { acceptProxied } from './peer/accept-proxied.ts';
import { connectionRefusals } from './peer/connection-refusals.ts';
import { Peers } from './peer/peers.ts';
import { isProbe } from './probes.ts';
import { MAX_HEADER_BYTES, rejectAmbiguousRequest } from './reject-ambiguous-requests.ts';
import { rejectOtherHost } from './reject-other-hosts.ts';
import { RejectedError, type Rejection, rejection } from './rejection.ts';
import { rejectExpectation, rejectOnSocket, rejectTunnel } from './socket-errors.ts';
import type { ListenerTls } from './tls/listener-tls.ts';
import { secureServerOptions } from './tls/secure-connections.ts';
import { type SecureListener, type SecureListenerOptions, secureListener } from './tls/secure-listener.ts';

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

export interface ListenerOptions extends Pick<ExchangeOptions, 'audit'> {
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
  /** Routes that are answered for any host. Default: probes. */
  readonly hostless?: ReadonlySet<string>;
  /** Default: none, and HTTP/1.1 only. */
  readonly tls?: ListenerTls | undefined;
  /** Headers of every response to a request over TLS. Default: none. */
  readonly secureHeaders?: AnswerHeaders;
  /** Addresses or CIDRs of proxies that send a PROXY header first. Default: none. */
  readonly proxyProtocol?: readonly string[];
  /** Called for each connection that is closed before its first request. Default: none. */
  readonly countRefusal?: ((reason: string) => void) | undefined;
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

/** Limits of HTTP/1.1, which Node enforces. */
const HTTP_LIMITS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  connectionsCheckingInterval: CONNECTION_CHECK_MS,
  // Node would answer without a body; rejectAmbiguousRequest answers in JSON.
  requireHostHeader: false,
};

/** The same limits for HTTP/2. */
const HTTP2_LIMITS = {
  firstRequestMs: HEADERS_TIMEOUT_MS,
  idleMs: KEEP_ALIVE_TIMEOUT_MS,
  receivingMs: RECEIVING_TIMEOUT_MS,
  maxRequests: MAX_REQUESTS_PER_SOCKET,
  maxHeaderBytes: MAX_HEADER_BYTES,
};

/** What lies between the sockets of a listener and its requests: PROXY headers, TLS, HTTP/2. */
interface Transport {
  readonly peers: Peers;
  /** Null without TLS. */
  readonly secure: SecureListener | null;
  readonly connections: ListenerConnections;
}

/** Installs the transport of a listener, outermost first. Call it before the server listens. */
const installTransport = (
  { server }: FastifyInstance,
  follow: SecureListenerOptions['follow'] | null,
  { log, clock, name = 'public', proxyProtocol = [], tls, countRefusal }: ListenerOptions,
): Transport => {
  const peers = new Peers();
  const refuse = connectionRefusals(log, clock, name, countRefusal);
  if (proxyProtocol.length > 0)
    acceptProxied(server, {
      networks: proxyProtocol,
      clock,
      onSource: (socket, address) => peers.set(socket, { address, scheme: 'http', certificate: null }),
      onRefused: (socket, reason) => refuse(reason, socket.remoteAddress),
    });
  if (tls === undefined || follow === null || !isSecure(server))
    return { peers, secure: null, connections: trackConnections(server) };
  const secure = secureListener({ server, tls, follow, peers, refuse, clock, limits: HTTP2_LIMITS });
  const { sessions } = secure;
  const connections = trackConnections(server, {
    event: 'secureConnection',
    socketOf: (request) =>
      request instanceof Http2Request ? sessions.socketOf(request.stream.session) : request.socket,
  });
  secure.followFiles(connections);
  return { peers, secure, connections };
};

const isSecure = (server: unknown): server is HttpsServer => server instanceof HttpsServer;

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
    // The checks of balancers and of Kubernetes have an address as their host, and backends an internal name.
    if (!isProbe(route) && (route === null || options.hostless?.has(route) !== true)) checkHost(request.exchange);
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
 * Ends the connections of a listener that closes. Returns a test for requests with a connection that must close after them, and a
 * signal that is aborted when the listener begins to close.
 */
const endConnections = (
  app: FastifyInstance,
  { connections, secure }: Transport,
  { clock, readiness }: ListenerOptions,
): Pick<ExchangeOptions, 'mustClose'> & Pick<Listener, 'closing'> => {
  const closing = new AbortController();
  app.addHook('preClose', async () => {
    closing.abort();
    secure?.sessions.announceEnd();
    await endListening(app.server, connections, clock);
    secure?.close();
  });
  // Node also sends `connection: close` after the maximum of requests, but leaves the socket open.
  const mustClose = (request: IncomingMessage): boolean => {
    const mustEnd = closing.signal.aborted || !readiness();
    if (!(request instanceof Http2Request)) return mustEnd || connections.isLast(request);
    // HTTP/2 has a frame for it.
    if (mustEnd) secure?.sessions.announceTo(request.stream.session);
    return false;
  };
  return { mustClose, closing: closing.signal };
};

/**
 * Creates an HTTP listener with the common limits, request ids and error responses, without routes. It does not listen
 * yet.
 */
export const createListener = (options: ListenerOptions): Listener => {
  const { clock, log, maxBodyBytes, unknownRoute, trustedProxies = [], corsHeaders = () => ({}) } = options;
  const secured = options.tls === undefined ? null : secureServerOptions(options.tls);
  const common: FastifyServerOptions = {
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    requestTimeout: RECEIVING_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    maxRequestsPerSocket: MAX_REQUESTS_PER_SOCKET,
    // The query is read from the URL where it is needed, flat and with its duplicates.
    routerOptions: { querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => reject(error, request, reply),
    clientErrorHandler: (error, socket) => rejectOnSocket(error, socket, connections),
  };
  const app: FastifyInstance =
    secured === null
      ? fastify({ ...common, http: HTTP_LIMITS })
      : // A server of HTTPS has all properties of one of HTTP that are used.
        (fastify({ ...common, https: { ...HTTP_LIMITS, ...secured.options } } as object) as unknown as FastifyInstance);
  const transport = installTransport(app, secured?.follow ?? null, options);
  const { connections, peers } = transport;
  const readClient = clientReader({
    trustedProxies,
    hosts: options.publicHosts?.length ? publicHosts(options.publicHosts) : null,
  });
  const checkHost = options.publicHosts?.length ? rejectOtherHost : () => {};
  app.server.on('checkExpectation', rejectExpectation);
  app.server.on('checkContinue', (request, response) => {
    continueOnRead(request, response);
    app.server.emit('request', request, response);
  });
  app.server.on('connect', ({ socket }) => rejectTunnel(socket, connections));
  // This hook must be the first: metrics, quotas and checks of later hooks start after the turn.
  takeTurns(app, connections);
  const { mustClose, closing } = endConnections(app, transport, options);
  const exchanges: ExchangeOptions = {
    clock,
    log,
    maxBodyBytes,
    corsHeaders,
    readClient: (request) => readClient(request, peers.of(request)),
    mustClose,
    secureHeaders: options.secureHeaders ?? {},
    observe: options.observe ?? null,
    audit: options.audit,
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
