import type { SecureContextOptions } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { ErrorCode } from '../../errors.ts';
import { UpstreamError } from '../../errors.ts';
import type { Call, GrpcMessage, Send } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { NotProcessedError } from '../not-processed.ts';
import type { LimitSettings } from '../traffic.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import { framedRequest, isCompressed } from './framed-request.ts';
import { requestHeaders } from './headers.ts';
import { Peers } from './peers.ts';
import type { Sessions } from './sessions.ts';
import { type FailedStatus, STATUS_CODES } from './status.ts';
import { streaming } from './streaming.ts';
import type { Rules } from './verdict.ts';

export interface GrpcWireOptions {
  readonly clock: Clock;
  /** A larger message is UPSTREAM_RESPONSE_TOO_LARGE, compressed or not, and no more of it is read. */
  readonly maxResponseBytes: number;
  /** How long a connection may take, the server's SETTINGS included. */
  readonly connectTimeoutMs: number;
  /**
   * HTTP/2 connections to one endpoint that take calls, of which there is more than one only where the server limits the
   * streams of each: by default 4. One that has had its number of calls, or reached its age (a tenth earlier or later), ends
   * what it has in flight, and another takes its place: by default never.
   */
  readonly limits?: Partial<Pick<LimitSettings, 'connections' | 'callsPerConnection' | 'connectionAgeMs'>>;
  /** From 0 to 1. Default: Math.random. */
  readonly random?: () => number;
  /** A connection on which a call was sent and nothing came back is tried with a PING this often. Default 10,000. */
  readonly pingIntervalMs?: number;
  /** An unanswered PING ends the connection after this long. Default 5,000. */
  readonly pingTimeoutMs?: number;
  /** A connection without calls is closed after this long. Default 300,000. */
  readonly idleMs?: number;
  /** How long calls in flight may go on once `close` was called. Default 5,000. */
  readonly closeTimeoutMs?: number;
  /** Authorities and client certificate for `grpcs:` endpoints. Default: the authorities that Node trusts. */
  readonly tls?: SecureContextOptions;
  /** Sends messages of 1 KiB and more compressed, and takes compressed answers (gzip or deflate). Default: neither. */
  readonly compression?: 'gzip';
  /** What a status is instead of what STATUS_CODES says. */
  readonly codes?: Readonly<Partial<Record<FailedStatus, ErrorCode>>>;
}

export interface GrpcWire {
  /**
   * Sends a call to its endpoint. Resolves with status 0 and the decoded message, or the messages as an AsyncIterable where
   * the call is `streaming`; every other status, and every answer that is none, rejects with an `UpstreamError` whose `cause`
   * tells more.
   */
  readonly send: Send;
  /**
   * The endpoint is no longer one: calls to it end in the time that they have, then its connections are closed. Resolves when
   * they are.
   */
  release(endpoint: Endpoint): Promise<void>;
  /** Lets calls in flight end, for a bounded time, and sends nothing more. */
  close(): Promise<void>;
}

const MAX_SESSIONS = 4;

/** Node's short name where there is one: its texts hold addresses. */
const connectionFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};

const connected = async (call: Call, sessions: Sessions): Promise<Connection> => {
  try {
    return await sessions.wait(call.signal);
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    const cause = new NotProcessedError(`cannot be connected to (${connectionFailure(error)})`, { cause: error });
    throw new UpstreamError('SERVICE_UNAVAILABLE', call, cause.message, { cause });
  }
};

const peersOf = (options: GrpcWireOptions): Peers =>
  new Peers({
    clock: options.clock,
    connectTimeoutMs: options.connectTimeoutMs,
    maxSessions: options.limits?.connections ?? MAX_SESSIONS,
    callsPerConnection: options.limits?.callsPerConnection ?? Number.POSITIVE_INFINITY,
    connectionAgeMs: options.limits?.connectionAgeMs ?? Number.POSITIVE_INFINITY,
    random: options.random ?? Math.random,
    pingIntervalMs: options.pingIntervalMs ?? 10_000,
    pingTimeoutMs: options.pingTimeoutMs ?? 5_000,
    idleMs: options.idleMs ?? 300_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 5_000,
    tls: options.tls ?? {},
  });

/** gRPC's calls over HTTP/2: cleartext with prior knowledge for `grpc:`, TLS for `grpcs:`. */
export const grpcWire = (options: GrpcWireOptions): GrpcWire => {
  const { clock, maxResponseBytes } = options;
  const compressible = options.compression === 'gzip';
  const rules: Rules = { clock, maxResponseBytes, compressible, codes: { ...STATUS_CODES, ...options.codes } };
  const peers = peersOf(options);
  let closed = false;

  const opening = (call: Call, message: GrpcMessage, endpoint: Endpoint, gzipped: boolean): readonly string[] => {
    call.signal.throwIfAborted();
    const leftMs = call.deadline - clock.now();
    if (leftMs <= 0) throw new UpstreamError('TIMEOUT', call, 'the deadline passed before it was sent');
    return requestHeaders(call, message, endpoint, { leftMs, gzipped, compressible });
  };

  const send: Send = async (call) => {
    const { message, endpoint } = call;
    if (message.protocol !== 'grpc' || endpoint === null)
      throw new Error(`${call.upstream}: ${call.route}: needs a gRPC message and an endpoint`);
    call.signal.throwIfAborted();
    const framed = framedRequest(message.request, compressible);
    const body = framed instanceof Promise ? await framed : framed;
    if (closed) {
      const cause = new NotProcessedError('this client is closed');
      throw new UpstreamError('SERVICE_UNAVAILABLE', call, cause.message, { cause });
    }
    const sessions = peers.at(endpoint);
    const connection = sessions.take() ?? (await connected(call, sessions));
    let headers: readonly string[];
    try {
      headers = opening(call, message, endpoint, isCompressed(body));
    } catch (error) {
      connection.release();
      throw error;
    }
    const exchanged = { call, message, headers, body, connection, rules };
    // Awaited, for a promise that is handed on takes three more turns than its value.
    return await (message.streaming === true ? streaming(exchanged) : exchange(exchanged));
  };

  return {
    send,
    release: (endpoint) => peers.release(endpoint),
    close: async () => {
      closed = true;
      await peers.close();
    },
  };
};
