import { Server as HttpsServer } from 'node:https';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { type ListenerConnections, trackConnections } from './connections.ts';
import { Http2Request } from './http2/http2-messages.ts';
import { acceptProxied } from './peer/accept-proxied.ts';
import { type ClientConnectionLimits, limitConnections } from './peer/connection-limits.ts';
import { connectionRefusals } from './peer/connection-refusals.ts';
import { Peers } from './peer/peers.ts';
import type { ListenerTls } from './tls/listener-tls.ts';
import { type SecureListener, type SecureListenerOptions, secureListener } from './tls/secure-listener.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const RECEIVING_TIMEOUT_MS = 30_000;
// Above the usual 60 seconds of balancers, so that the balancer closes idle connections, never the gateway.
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
// Interval of checking the timeouts above. Node's default of 30 seconds would let a slow sender stay four times as
// long.
const CONNECTION_CHECK_MS = 1_000;
const MAX_REQUESTS_PER_SOCKET = 1_000;

/** Maximum bytes of URL and headers without a setting. */
export const DEFAULT_HEADER_BYTES = 16 * 1024;

/** Limits of HTTP/1.1, which Fastify sets. */
export const SERVER_LIMITS = {
  requestTimeout: RECEIVING_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  maxRequestsPerSocket: MAX_REQUESTS_PER_SOCKET,
} satisfies FastifyServerOptions;

/** Limits of HTTP/1.1, which Node enforces. */
export const HTTP_LIMITS = {
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
};

export interface ListenerTransportOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Addresses or CIDRs of the proxies with trusted forwarding headers. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** Maximum bytes of URL and headers. Default: 16 KiB. */
  readonly maxHeaderBytes?: number;
  /** Default: none. */
  readonly connectionLimits?: ClientConnectionLimits;
  /** Default: none, and HTTP/1.1 only. */
  readonly tls?: ListenerTls | undefined;
  /** Addresses or CIDRs of proxies that send a PROXY header first. Default: none. */
  readonly proxyProtocol?: readonly string[];
  /** Called for each connection that is closed before its first request. Default: none. */
  readonly countRefusal?: ((reason: string) => void) | undefined;
  /** Name in the log. Default: public. */
  readonly name?: 'public' | 'admin';
}

/** What lies between the sockets of a listener and its requests: PROXY headers, TLS, HTTP/2. */
export interface ListenerTransport {
  readonly peers: Peers;
  /** Null without TLS. */
  readonly secure: SecureListener | null;
  readonly connections: ListenerConnections;
}

/** Installs the transport of a listener, outermost first. Call it before the server listens. */
export const installTransport = (
  { server }: FastifyInstance,
  follow: SecureListenerOptions['follow'] | null,
  options: ListenerTransportOptions,
): ListenerTransport => {
  const { log, clock, name = 'public', proxyProtocol = [], tls, countRefusal, connectionLimits } = options;
  const { maxHeaderBytes = DEFAULT_HEADER_BYTES } = options;
  const peers = new Peers();
  const refuse = connectionRefusals(log, clock, name, countRefusal);
  const ofProxies = [...proxyProtocol, ...(options.trustedProxies ?? [])];
  const admit = connectionLimits && limitConnections(server, connectionLimits, ofProxies, refuse);
  if (proxyProtocol.length > 0)
    acceptProxied(server, {
      networks: proxyProtocol,
      clock,
      onSource: (socket, address) => {
        peers.set(socket, { address, scheme: 'http', certificate: null });
        admit?.(socket, address);
      },
      onRefused: (socket, reason) => refuse(reason, socket.remoteAddress),
    });
  if (tls === undefined || follow === null || !isSecure(server))
    return { peers, secure: null, connections: trackConnections(server) };
  const secure = secureListener({
    server,
    tls,
    follow,
    peers,
    refuse,
    clock,
    limits: { ...HTTP2_LIMITS, maxHeaderBytes },
  });
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
