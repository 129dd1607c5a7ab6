import type { SecureContextOptions } from 'node:tls';
import type { Clock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { parseKeepingDigits } from '../../core/exact-json.ts';
import type { Answer, Call, RestMessage, Send } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { MappedError, RestErrorResponse } from '../error-response/map-error-response.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import { type ConnectionLimits, Pools } from './pools.ts';
import { type HttpStatusCodes, problemError } from './problem-details.ts';
import { restRequests } from './request.ts';
import { textOf, UnreadableTextError } from './text.ts';
import { notProcessed } from './transport-errors.ts';

export interface RestTransportOptions {
  readonly clock: Clock;
  /** Maximum size of a body, both received and decoded. */
  readonly maxResponseBytes: number;
  /** Timeout of a connect in milliseconds, TLS handshake included. */
  readonly connectTimeoutMs: number;
  /** Limits for each endpoint. Default: 256 connections, kept as long as they are used. */
  readonly limits?: ConnectionLimits;
  /** Header that carries the milliseconds until the deadline to the backend; null for none. Default null. */
  readonly deadlineHeader?: string | null;
  /** Error codes of statuses that differ from the defaults. */
  readonly codes?: HttpStatusCodes;
  /** Returns the error for an error response. Default: the usual error. */
  readonly map?: (response: RestErrorResponse) => MappedError;
  /** True to request compressed answers. Compressed answers are decoded in any case. Default false. */
  readonly compression?: boolean;
  /**
   * True to offer HTTP/2 to `https:` endpoints. Default false, because undici 8.12 has three faults there: it never
   * detects a dead connection (a timed-out call ends its stream and keeps the connection), it fails calls that meet a
   * graceful GOAWAY, and it ignores `callsPerConnection`.
   */
  readonly http2?: boolean;
  /**
   * Certificate authorities and client certificate for `https:` endpoints. Default: the authorities that Node trusts.
   */
  readonly tls?: SecureContextOptions;
}

/** The transport: the bottom of a stack, which sends calls over the network. */
export interface Transport {
  readonly send: Send;
  /** Waits for an endpoint's calls to end, then closes its connections. Another call to it opens new ones. */
  release(endpoint: Endpoint): Promise<void>;
  /** Waits for all calls in flight to end, then closes every connection. Later calls are rejected. */
  close(): Promise<void>;
}

const NO_CONTENT = 204;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/**
 * True if a truncation would go unnoticed. Without a length, an HTTP/1.1 body lasts as long as the connection. A
 * truncated number is still valid JSON, and an empty body may be the rest of any value; every other truncated value is
 * invalid.
 */
const mayBeCut = (value: unknown, { headers, body }: RawAnswer): boolean =>
  (value === undefined || isDigit(body.at(-1))) &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined;

const unreadable = (cause: unknown, type: string | undefined): string =>
  cause instanceof UnreadableTextError
    ? `the answer ${cause.message} (${type ?? 'no type'})`
    : `the answer is not JSON (${type ?? 'no type'})`;

/** Maximum size of an error response's body in bytes. A larger one is dropped: errors live as long as their request. */
const MAX_ERROR_BYTES = 65_536;

/** The body of an error response, which may be anything: JSON, else its text, else undefined. */
const errorBody = ({ body, headers }: RawAnswer): unknown => {
  if (body.length === 0 || body.length > MAX_ERROR_BYTES) return undefined;
  let text: string | undefined;
  try {
    text = textOf(body, headers['content-type']);
    return parseKeepingDigits(text);
  } catch {
    return text;
  }
};

const parseBody = (call: Call, raw: RawAnswer): unknown => {
  if (raw.status >= 300) return errorBody(raw);
  if (raw.body.length === 0) return undefined;
  const type = raw.headers['content-type'];
  try {
    return parseKeepingDigits(textOf(raw.body, type));
  } catch (cause) {
    throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, unreadable(cause, type), { cause });
  }
};

/**
 * The REST transport: HTTP/1.1 with JSON bodies, with one pool of kept-alive connections for each endpoint. Redirects
 * are not followed.
 */
export const restTransport = (options: RestTransportOptions): Transport => {
  const {
    clock,
    maxResponseBytes,
    deadlineHeader = null,
    codes,
    map,
    compression = false,
    http2 = false,
    tls = {},
    limits = {},
  } = options;
  const pools = new Pools({ connectTimeoutMs: options.connectTimeoutMs, limits, http2, tls, clock });
  const requestOf = restRequests({ clock, deadlineHeader, compression });
  let closed = false;

  const answerOf = (call: Call, { statusOnly = false }: RestMessage, raw: RawAnswer): Answer => {
    const { status, headers, size, body } = raw;
    const answer = {
      status,
      headers,
      size,
      plainSize: body.length,
      value: statusOnly ? undefined : parseBody(call, raw),
    };
    if (status >= 300) throw problemError(call, answer, codes, statusOnly ? undefined : map);
    if (!http2 && !statusOnly && status !== NO_CONTENT && mayBeCut(answer.value, raw))
      throw new UpstreamError(
        'UPSTREAM_BAD_RESPONSE',
        call,
        'the answer has neither content-length nor transfer-encoding and may be truncated',
      );
    return answer;
  };

  return {
    send: async (call) => {
      const { endpoint, message } = call;
      if (endpoint === null || message.protocol !== 'rest')
        throw new Error(`${call.route}: the call has no endpoint or is not a REST call`);
      call.signal.throwIfAborted();
      if (closed) throw notProcessed(call, 'this transport is closed');
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
