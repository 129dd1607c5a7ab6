import type { OutgoingHttpHeaders } from 'node:http2';
import type { SecureContextOptions } from 'node:tls';
import type { Clock } from '../../clock.ts';
import { UpstreamError } from '../../errors.ts';
import type { Call, GrpcMessage, Send } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import { requestHeaders } from './headers.ts';
import { NotProcessedError } from './not-processed.ts';
import { Sessions } from './sessions.ts';

export interface GrpcWireOptions {
  readonly clock: Clock;
  /** A larger message is UPSTREAM_RESPONSE_TOO_LARGE, and no more of it is read. */
  readonly maxResponseBytes: number;
  /** How long a connection may take, the server's SETTINGS included. */
  readonly connectTimeoutMs: number;
  /** HTTP/2 connections to one endpoint; more than one only where the server limits the streams of each. Default 4. */
  readonly maxSessions?: number;
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
}

export interface GrpcWire {
  /**
   * Sends a unary call to its endpoint. Resolves with status 0 and the decoded message; every other status, and every
   * answer that is none, rejects with an `UpstreamError` whose `cause` tells more.
   */
  readonly send: Send;
  /** Lets calls in flight end, for a bounded time, and sends nothing more. */
  close(): Promise<void>;
}

const DEFAULTS = {
  maxSessions: 4,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 5_000,
  idleMs: 300_000,
  closeTimeoutMs: 5_000,
  tls: {},
};

/** Node's short name where there is one: its texts hold addresses. */
const connectionFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};

/** gRPC's unary calls over HTTP/2: cleartext with prior knowledge for `grpc:`, TLS for `grpcs:`. */
export const grpcWire = (options: GrpcWireOptions): GrpcWire => {
  const { clock, maxResponseBytes } = options;
  const sessionsOptions = { ...DEFAULTS, ...options };
  const peers = new Map<string, Sessions>();
  let closed = false;

  const peer = (endpoint: Endpoint): Sessions => {
    const key = `${endpoint.url.protocol}//${endpoint.url.host}`;
    const known = peers.get(key);
    if (known !== undefined) return known;
    const sessions = new Sessions(endpoint, sessionsOptions);
    peers.set(key, sessions);
    return sessions;
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

  const opening = (call: Call, message: GrpcMessage, endpoint: Endpoint): OutgoingHttpHeaders => {
    call.signal.throwIfAborted();
    const leftMs = call.deadline - clock.now();
    if (leftMs <= 0) throw new UpstreamError('TIMEOUT', call, 'the deadline passed before it was sent');
    return requestHeaders(call, message, endpoint, leftMs);
  };

  const send: Send = async (call) => {
    const { message, endpoint } = call;
    if (message.protocol !== 'grpc' || endpoint === null)
      throw new Error(`${call.upstream}: ${call.route}: needs a gRPC message and an endpoint`);
    call.signal.throwIfAborted();
    if (closed) throw new UpstreamError('SERVICE_UNAVAILABLE', call, 'this client is closed');
    const sessions = peer(endpoint);
    const connection = sessions.take() ?? (await connected(call, sessions));
    let headers: OutgoingHttpHeaders;
    try {
      headers = opening(call, message, endpoint);
    } catch (error) {
      connection.release();
      throw error;
    }
    return exchange({ call, message, headers, connection, maxResponseBytes, clock });
  };

  return {
    send,
    close: async () => {
      closed = true;
      await Promise.all(Array.from(peers.values(), (sessions) => sessions.close()));
    },
  };
};
