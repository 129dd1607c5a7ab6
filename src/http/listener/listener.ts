import type { IncomingMessage } from 'node:http';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { AccessRule } from '../../config/network/access-rules.ts';
import { accessTest } from '../client/access-test.ts';
import { type CheckRequest, checkRequest } from '../client/check-request.ts';
import { clientReader } from '../client/client.ts';
import type { MetRules } from '../client/met-rules.ts';
import { publicHosts } from '../client/public-hosts.ts';
import { continueOnRead } from '../exchange/continue-on-read.ts';
import { type AnswerHeaders, Exchange, type ExchangeOptions, type ObserveOptions } from '../exchange/exchange.ts';
import type { ListenerConnections } from './connections.ts';
import { endListening } from './end-listening.ts';
import { Http2Request } from './http2/http2-messages.ts';
import {
  DEFAULT_HEADER_BYTES,
  HTTP_LIMITS,
  installTransport,
  type ListenerTransport,
  type ListenerTransportOptions,
  SERVER_LIMITS,
} from './listener-transport.ts';
import { rejectAmbiguousRequest } from './reject-ambiguous-requests.ts';
import { RejectedError, type Rejection, rejection } from './rejection.ts';
import { rejectExpectation, rejectOnSocket, rejectTunnel } from './socket-errors.ts';
import { secureServerOptions } from './tls/secure-connections.ts';

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

export interface ListenerOptions extends ListenerTransportOptions, Pick<ExchangeOptions, 'audit'> {
  /** Maximum bytes of a request body. */
  readonly maxBodyBytes: number;
  /** While false, every response closes its connection, so that a balancer can send the client elsewhere. */
  readonly readiness: () => boolean;
  /** Hosts of requests that are answered; requests for others are rejected, except for probes. Default: all hosts. */
  readonly publicHosts?: readonly string[];
  /** Routes that are answered for any host. Default: probes. */
  readonly hostless?: ReadonlySet<string>;
  /** Rules about the addresses of clients, except for probes. Default: none, all are allowed. */
  readonly accessRules?: readonly AccessRule[];
  /** Returns the rules of requests at this time, except for probes. Default: none. */
  readonly requestRules?: (() => MetRules) | undefined;
  /** Maximum characters of a URL, except for probes. Default: only `maxHeaderBytes` bounds it. */
  readonly maxUrlLength?: number;
  /** Headers of every response. Default: SECURITY_HEADERS. */
  readonly responseHeaders?: AnswerHeaders;
  /** Headers of every response to a request over TLS. Default: none. */
  readonly secureHeaders?: AnswerHeaders;
  /** URL of the metadata of this gateway as a protected resource, for challenges. Default null. */
  readonly resourceMetadata?: string | null;
  readonly unknownRoute: UnknownRoute;
  /** Path of the route of a request that Fastify has no route for; null for none. Default: none. */
  readonly otherRoute?: (request: IncomingMessage) => string | null;
  /** CORS headers of a response by its `Origin`. Default: none. */
  readonly corsHeaders?: (origin: string | undefined) => AnswerHeaders;
  /** Tracing, metrics and access log of requests. Default: none. */
  readonly observe?: ObserveOptions;
}

/** Limits of a listener that its configuration sets. */
export type ListenerLimits = Pick<
  ListenerOptions,
  'accessRules' | 'requestRules' | 'maxHeaderBytes' | 'maxUrlLength' | 'connectionLimits'
>;

const NONE: ReadonlySet<string> = new Set();

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
  /** The checks in front of all routes. */
  readonly check: CheckRequest;
  /** Aborted when the listener begins to close. */
  readonly closing: AbortSignal;
}

const routeOf = (request: FastifyRequest, { otherRoute }: ListenerOptions): string | null =>
  request.is404 ? (otherRoute?.(request.raw) ?? null) : (request.routeOptions.url ?? null);

/** Opens the exchange of each request, when it is its turn. */
const openExchanges = (
  app: FastifyInstance,
  exchanges: ExchangeOptions,
  check: CheckRequest,
  options: ListenerOptions,
): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const route = routeOf(request, options);
    request.exchange = new Exchange(exchanges, request.raw, reply.raw, route);
    reply.headers(request.exchange.headers);
    rejectAmbiguousRequest(request.raw);
    check(request.exchange);
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
  { connections, secure }: ListenerTransport,
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
  const { maxHeaderBytes = DEFAULT_HEADER_BYTES } = options;
  const limits = { ...HTTP_LIMITS, maxHeaderSize: maxHeaderBytes };
  const secured = options.tls === undefined ? null : secureServerOptions(options.tls);
  const common: FastifyServerOptions = {
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    ...SERVER_LIMITS,
    // The query is read from the URL where it is needed, flat and with its duplicates.
    routerOptions: { querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => reject(error, request, reply),
    clientErrorHandler: (error, socket) => rejectOnSocket(error, socket, connections),
  };
  const app: FastifyInstance =
    secured === null
      ? fastify({ ...common, http: limits })
      : // A server of HTTPS has all properties of one of HTTP that are used.
        (fastify({ ...common, https: { ...limits, ...secured.options } } as object) as unknown as FastifyInstance);
  const transport = installTransport(app, secured?.follow ?? null, options);
  const { connections, peers } = transport;
  const readClient = clientReader({
    trustedProxies,
    hosts: options.publicHosts?.length ? publicHosts(options.publicHosts) : null,
  });
  const check = checkRequest({
    hasPublicHosts: Boolean(options.publicHosts?.length),
    hostless: options.hostless ?? NONE,
    isAllowed: options.accessRules?.length ? accessTest(options.accessRules) : null,
    rules: options.requestRules ?? null,
    maxUrlLength: options.maxUrlLength ?? Number.POSITIVE_INFINITY,
    maxHeaderBytes,
  });
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
    ...(options.responseHeaders && { responseHeaders: options.responseHeaders }),
    secureHeaders: options.secureHeaders ?? {},
    resourceMetadata: options.resourceMetadata ?? null,
    observe: options.observe ?? null,
    audit: options.audit,
  };
  const reject = sendRejection(exchanges);
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (exchanges.mustClose(request.raw)) reply.header('connection', 'close');
    done();
  });
  openExchanges(app, exchanges, check, options);
  app.setErrorHandler<FastifyError>(reject);
  app.setNotFoundHandler((request, reply) => reject(new RejectedError(unknownRoute(request)), request, reply));
  return { app, connections, exchanges, check, closing };
};

/** Rejects requests without a route before their bodies are read. Hooks added earlier still run for them. */
export const rejectUnknownRoutes = (app: FastifyInstance, unknownRoute: UnknownRoute): void => {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) throw new RejectedError(unknownRoute(request));
    done();
  });
};
