import type { SecureContextOptions } from 'node:tls';
import type { Clock } from '../../clock.ts';
import { UpstreamError } from '../../errors.ts';
import { parseKeepingDigits } from '../../exact-json.ts';
import type { Answer, Call, RestMessage, Send } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import { notProcessed } from './failure.ts';
import { type ConnectionLimits, Pools } from './pools.ts';
import { problemError, type StatusCodes } from './problem.ts';
import { restRequests } from './request.ts';
import { textOf, UnreadableTextError } from './text.ts';

export interface RestWireOptions {
  readonly clock: Clock;
  /** Of a body, both as it comes and decoded. */
  readonly maxResponseBytes: number;
  /** How long a new connection may take, its TLS handshake included, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Of each endpoint. Default: 256 connections, kept as long as they are used. */
  readonly limits?: Partial<ConnectionLimits>;
  /** The header that tells a backend how many milliseconds it has; null for none. Default null. */
  readonly deadlineHeader?: string | null;
  /** What a status other than 2xx is, where it is not what it usually is. */
  readonly codes?: StatusCodes;
  /** Whether to ask for compressed answers; those that come all the same are read in any case. Default false. */
  readonly compression?: boolean;
  /**
   * Whether `https:` endpoints are offered HTTP/2. Default false: undici 8.12 never finds out that a peer of HTTP/2 is dead
   * (a call that runs out of time ends its stream and leaves the connection), fails calls that meet a graceful GOAWAY, and
   * does not know `callsPerConnection` there.
   */
  readonly http2?: boolean;
  /** Authorities and client certificate for `https:` endpoints. Default: the authorities that Node trusts. */
  readonly tls?: SecureContextOptions;
}

/** The bottom of a stack: calls go out over the network here. */
export interface Wire {
  readonly send: Send;
  /** Lets an endpoint's calls end, then closes its connections. Another call to it opens new ones. */
  release(endpoint: Endpoint): Promise<void>;
  /** Lets calls in flight end, then closes every connection; what comes later is refused. */
  close(): Promise<void>;
}

const NO_CONTENT = 204;
const NO_LIMITS: ConnectionLimits = { connections: null, callsPerConnection: null, connectionAgeMs: null };

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/**
 * True if a cut would go unnoticed. HTTP/1.1 without a length lasts as long as the connection. Of all JSON values only a number is
 * still one when its end is missing; an empty body may be all that is left of any value.
 */
const mayBeCut = (value: unknown, { headers, body }: RawAnswer): boolean =>
  (value === undefined || isDigit(body.at(-1))) &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined;

const unreadable = (cause: unknown, type: string | undefined): string =>
  cause instanceof UnreadableTextError
    ? `the answer ${cause.message} (${type ?? 'no type'})`
    : `the answer is not JSON (${type ?? 'no type'})`;

const parseBody = (call: Call, raw: RawAnswer): unknown => {
  if (raw.body.length === 0) return undefined;
  const type = raw.headers['content-type'];
  try {
    return parseKeepingDigits(textOf(raw.body, type));
  } catch (cause) {
    // The body of a failed call may be anything; only that of a good answer must be JSON.
    if (raw.status >= 300) return undefined;
    throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, unreadable(cause, type), { cause });
  }
};

/** HTTP/1.1 with JSON bodies, over one pool of kept-alive connections an endpoint. Redirects are not followed. */
export const restWire = (options: RestWireOptions): Wire => {
  const {
    clock,
    maxResponseBytes,
    deadlineHeader = null,
    codes,
    compression = false,
    http2 = false,
    tls = {},
  } = options;
  const limits = { ...NO_LIMITS, ...options.limits };
  const pools = new Pools({ connectTimeoutMs: options.connectTimeoutMs, limits, http2, tls, clock });
  const requestOf = restRequests({ clock, deadlineHeader, compression });
  let closed = false;

  const answerOf = (call: Call, { statusOnly = false }: RestMessage, raw: RawAnswer): Answer => {
    const { status, headers, size } = raw;
    const answer = { status, headers, size, value: statusOnly ? undefined : parseBody(call, raw) };
    if (status >= 300) throw problemError(call, answer, codes);
    if (!http2 && !statusOnly && status !== NO_CONTENT && mayBeCut(answer.value, raw))
      throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, 'the answer does not say where it ends');
    return answer;
  };

  return {
    send: async (call) => {
      const { endpoint, message } = call;
      if (endpoint === null || message.protocol !== 'rest') throw new Error(`${call.route} is not ready to be sent`);
      call.signal.throwIfAborted();
      if (closed) throw notProcessed(call, 'this client is closed');
      const { pool, basePath } = pools.to(endpoint);
      const request = requestOf(call, message, basePath);
      return answerOf(call, message, await exchange(pool, request, call, maxResponseBytes));
    },
    release: (endpoint) => pools.release(endpoint),
    close: () => {
      closed = true;
      return pools.close();
    },
  };
};
