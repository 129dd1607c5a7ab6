import { DEFAULT_GUARD, type EgressGuard } from '../../config/egress/egress-guard.ts';
import type { Clock } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Answer, Call, GrpcMessage, Send } from '../call.ts';
import { NO_PROXIES, type ProxiesOf } from '../egress/egress.ts';
import { EgressPools } from '../egress/egress-pools.ts';
import type { EgressProxy } from '../egress/egress-proxy.ts';
import { endpointReach } from '../egress/endpoint-reach.ts';
import { tunnelTarget } from '../egress/proxied-connection.ts';
import type { ProxyRegistry } from '../egress/proxy-registry.ts';
import { throughProxies } from '../egress/through-proxies.ts';
import { openTunnel } from '../egress/tunnel.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Reach } from '../endpoints/health-check.ts';
import type { ErrorOutcome } from '../error-response/map-error-response.ts';
import { NotProcessedError } from '../errors.ts';
import type { LimitSettings } from '../options.ts';
import { HandshakeError } from '../tls/handshake-failure.ts';
import { defaultTls, type UpstreamTls } from '../tls/upstream-tls.ts';
import { recordWait } from '../wait.ts';
import type { Connection } from './connection/connection.ts';
import type { ConnectionPool } from './connection/pool.ts';
import { ConnectionPools } from './connection/pools.ts';
import { framedRequest, isCompressed } from './framed-request.ts';
import { requestHeaders } from './headers.ts';
import type { ResponseRules } from './response.ts';
import { streaming } from './server-stream.ts';
import { type FailedStatus, type GrpcErrorResponse, STATUS_CODES } from './status.ts';
import { exchangeUnary } from './unary.ts';

export interface GrpcTransportOptions {
  readonly clock: Clock;
  /**
   * Maximum size of a message in bytes, both compressed and decompressed. A larger one is UPSTREAM_RESPONSE_TOO_LARGE
   * and is not read further.
   */
  readonly maxResponseBytes: number;
  /** Timeout of a connect in milliseconds, including the server's SETTINGS. */
  readonly connectTimeoutMs: number;
  /**
   * Limits of the HTTP/2 connections to one endpoint. `connections`: default 4; more than one is opened only if the
   * server limits the streams of each. `callsPerConnection` and `connectionAgeMs` (plus or minus a tenth): default
   * unlimited. A connection at its limit ends its calls in flight, and another takes its place.
   */
  readonly limits?: Pick<LimitSettings, 'connections' | 'callsPerConnection' | 'connectionAgeMs'>;
  /** Returns a number from 0 to 1. Default: Math.random. */
  readonly random?: () => number;
  /** Interval in milliseconds between PINGs on a connection with a call sent and no frame received. Default 10,000. */
  readonly pingIntervalMs?: number;
  /** Timeout of a PING in milliseconds; an unanswered one closes the connection. Default 5,000. */
  readonly pingTimeoutMs?: number;
  /** Milliseconds after which a connection without calls is closed. Default 300,000. */
  readonly idleMs?: number;
  /** Time in milliseconds that calls in flight have after `close`. Default 5,000. */
  readonly closeTimeoutMs?: number;
  /** TLS to `grpcs:` endpoints, closed by the transport. Default: the authorities that Node trusts, and no client certificate. */
  readonly tls?: UpstreamTls;
  /** Decides which addresses may be connected to. Default: all but reserved ones. */
  readonly guard?: EgressGuard;
  /** Proxies of each endpoint. Default: none. */
  readonly proxiesOf?: ProxiesOf;
  /** The proxies of which connections are closed when they leave the list. Default: none. */
  readonly proxies?: Pick<ProxyRegistry, 'onRemoved'> | null;
  /** `gzip` compresses messages from 1 KiB and accepts answers in gzip and deflate. Default: no compression. */
  readonly compression?: 'gzip';
  /** Error codes of statuses that differ from STATUS_CODES. */
  readonly codes?: Readonly<Partial<Record<FailedStatus, ErrorCode>>>;
  /** Returns the error for an error response. Default: the usual error. */
  readonly map?: (response: GrpcErrorResponse) => ErrorOutcome;
}

export interface GrpcTransport {
  /**
   * Sends a call to its endpoint. Resolves with status 0 and the decoded message, or with the messages as an
   * AsyncIterable for a `streaming` call. Every other status and every invalid answer rejects with an `UpstreamError`
   * that has a `cause`.
   */
  readonly send: Send;
  readonly tls: UpstreamTls;
  /** Connects to an endpoint, for a health check. */
  readonly reach: Reach;
  /**
   * Waits for an endpoint's calls to end, waiting ones included, then closes its connections. Resolves when they are
   * closed.
   */
  release(endpoint: Endpoint): Promise<void>;
  /** Waits for calls in flight to end, for `closeTimeoutMs` at most. Later calls are rejected. */
  close(): Promise<void>;
}

const MAX_SESSIONS = 4;
const NO_BODY = Buffer.alloc(0);

/** Returns Node's error code if there is one: Node's messages contain addresses. */
const connectionFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};

const connected = async (call: Call, pool: ConnectionPool, clock: Clock): Promise<Connection> => {
  const waitsFor = pool.isConnected ? 'queue' : 'connect';
  const since = clock.now();
  try {
    return await pool.wait(call.signal);
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    const reason =
      error instanceof HandshakeError ? `TLS: ${error.failure.reason}` : `cannot connect (${connectionFailure(error)})`;
    const cause = new NotProcessedError(reason, { cause: error });
    throw new UpstreamError('SERVICE_UNAVAILABLE', call, cause.message, { cause });
  } finally {
    recordWait(call, waitsFor, clock.now() - since);
  }
};

/** The pools of connections through a proxy; null for direct ones. */
const poolsOf = (options: GrpcTransportOptions, tls: UpstreamTls, proxy: EgressProxy | null): ConnectionPools => {
  const { clock, connectTimeoutMs } = options;
  const tunnel = { timeoutMs: connectTimeoutMs, clock };
  return new ConnectionPools({
    clock,
    connectTimeoutMs,
    maxSessions: options.limits?.connections ?? MAX_SESSIONS,
    callsPerConnection: options.limits?.callsPerConnection ?? Number.POSITIVE_INFINITY,
    connectionAgeMs: options.limits?.connectionAgeMs ?? Number.POSITIVE_INFINITY,
    random: options.random ?? Math.random,
    pingIntervalMs: options.pingIntervalMs ?? 10_000,
    pingTimeoutMs: options.pingTimeoutMs ?? 5_000,
    idleMs: options.idleMs ?? 300_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 5_000,
    tls,
    guard: options.guard,
    openTunnel:
      proxy === null
        ? undefined
        : (endpoint, signal) => openTunnel(proxy.entry, tunnelTarget(endpoint), { ...tunnel, signal }),
  });
};

/** The headers of a call. @throws the reason of its signal, or TIMEOUT after its deadline */
const opening = (
  call: Call,
  message: GrpcMessage,
  endpoint: Endpoint,
  gzipped: boolean,
  { clock, compressible }: ResponseRules,
): readonly string[] => {
  call.signal.throwIfAborted();
  const leftMs = call.deadline - clock.now();
  if (leftMs <= 0) throw new UpstreamError('TIMEOUT', call, 'the deadline passed before the call was sent');
  return requestHeaders(call, message, endpoint, { leftMs, gzipped, compressible });
};

/** The gRPC transport over HTTP/2: cleartext with prior knowledge for `grpc:`, TLS for `grpcs:`. */
export const grpcTransport = (options: GrpcTransportOptions): GrpcTransport => {
  const { clock, maxResponseBytes } = options;
  const compressible = options.compression === 'gzip';
  const codes = { ...STATUS_CODES, ...options.codes };
  const rules: ResponseRules = { clock, maxResponseBytes, compressible, codes, map: options.map };
  const { tls = defaultTls(clock), guard = DEFAULT_GUARD, connectTimeoutMs, proxiesOf = NO_PROXIES } = options;
  const pools = new EgressPools((proxy) => poolsOf(options, tls, proxy));
  tls.onChange(() => pools.renewSecure());
  const unfollow = options.proxies?.onRemoved((proxy) => void pools.drop(proxy));
  let closed = false;

  /** Exchanges a call on a connection with a reserved stream. */
  const exchangeOn = (
    connection: Connection,
    call: Call,
    message: GrpcMessage,
    endpoint: Endpoint,
    body: Buffer,
  ): Promise<Answer> => {
    const gzipped = message.outgoing === undefined ? isCompressed(body) : compressible;
    let headers: readonly string[];
    try {
      headers = opening(call, message, endpoint, gzipped, rules);
    } catch (error) {
      connection.release();
      throw error;
    }
    const exchanged = { call, message, headers, body, connection, rules };
    return message.streaming === true ? streaming(exchanged) : exchangeUnary(exchanged);
  };

  const send: Send = async (call) => {
    const { message, endpoint } = call;
    if (message.protocol !== 'grpc' || endpoint === null)
      throw new Error(`${call.upstream}: ${call.route}: needs a gRPC message and an endpoint`);
    call.signal.throwIfAborted();
    const framed = message.outgoing === undefined ? framedRequest(message.request, compressible) : NO_BODY;
    // An uncompressed call waits for nothing here: an abort in between would go unnoticed.
    const body = framed instanceof Promise ? await framed : framed;
    if (closed) {
      const cause = new NotProcessedError('this transport is closed');
      throw new UpstreamError('SERVICE_UNAVAILABLE', call, cause.message, { cause });
    }
    const group = proxiesOf(endpoint);
    if (group === null) {
      const pool = pools.direct.at(endpoint);
      return exchangeOn(pool.take() ?? (await connected(call, pool, clock)), call, message, endpoint, body);
    }
    return throughProxies({
      ...{ group, call, endpoint, guard, clock, connectTimeoutMs },
      send: async (proxy, sent) => {
        const pool = pools.through(proxy).at(endpoint);
        return exchangeOn(pool.take() ?? (await connected(sent, pool, clock)), sent, message, endpoint, body);
      },
      endOf: ({ ended }) => ended,
    });
  };

  return {
    send,
    tls,
    reach: endpointReach(options),
    release: (endpoint) => {
      tls.release(endpoint);
      return pools.release(endpoint);
    },
    close: async () => {
      closed = true;
      unfollow?.();
      tls.close();
      await pools.close();
    },
  };
};
