import { errors, Pool } from 'undici';
import { GatewayError, UpstreamError } from '../../errors.ts';
import type { Answer, Call, Send } from '../call.ts';
import type { Endpoint } from '../endpoint.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import { problemError } from './problem.ts';

export interface RestWireOptions {
  readonly maxResponseBytes: number;
  /** How long a new connection may take, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Connections to one endpoint. */
  readonly maxConnections: number;
}

/** The bottom of a stack: calls go out over the network here. */
export interface Wire {
  readonly send: Send;
  /** Lets calls in flight end, then closes every connection. */
  close(): Promise<void>;
}

/** Whether there was no connection at all: its name is unknown, or nothing there takes one. */
const isUnconnected = (cause: unknown, code: string): boolean =>
  cause instanceof errors.ConnectTimeoutError ||
  code === 'ECONNREFUSED' || // also of several addresses, all of which refused
  (cause instanceof Error && 'syscall' in cause && (cause.syscall === 'connect' || cause.syscall === 'getaddrinfo'));

/** undici's name for the connection's fate, as ours: what an operator reads, without the address. */
const connectionError = (call: Call, cause: unknown): Error => {
  if (cause instanceof GatewayError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  if (isUnconnected(cause, code))
    return new UpstreamError('SERVICE_UNAVAILABLE', call, `cannot be connected to (${code})`, { cause });
  return new UpstreamError('UPSTREAM_ERROR', call, `the connection failed (${code})`, { cause });
};

const parseBody = (call: Call, raw: RawAnswer): unknown => {
  if (raw.body.length === 0) return undefined;
  try {
    return JSON.parse(raw.body.toString('utf8'));
  } catch (cause) {
    // Whatever a failing server writes beside its status is its own business; only a good answer must be JSON.
    if (raw.status >= 300) return undefined;
    const type = raw.headers['content-type'] ?? 'no type';
    throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `the answer is not JSON (${type})`, { cause });
  }
};

const answerOf = (call: Call, raw: RawAnswer): Answer => {
  const encoding = raw.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, 'the answer is compressed, which was not asked for');
  const answer: Answer = {
    status: raw.status,
    headers: raw.headers,
    size: raw.body.length,
    value: parseBody(call, raw),
  };
  if (raw.status < 200 || raw.status >= 300) throw problemError(call, answer);
  return answer;
};

/** HTTP/1.1 with JSON bodies, over one pool of kept-alive connections an endpoint. Redirects are not followed. */
export const restWire = ({ maxResponseBytes, connectTimeoutMs, maxConnections }: RestWireOptions): Wire => {
  const pools = new Map<Endpoint, Pool>();
  const poolOf = (endpoint: Endpoint): Pool => {
    const open = pools.get(endpoint);
    if (open !== undefined) return open;
    // Time limits are the stack's business: undici's own would be second ones, with other errors.
    const pool = new Pool(endpoint.url.origin, {
      connections: maxConnections,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    pools.set(endpoint, pool);
    return pool;
  };

  return {
    send: async (call) => {
      const { endpoint, message } = call;
      if (endpoint === null || message.protocol !== 'rest') throw new Error(`${call.route} is not ready to be sent`);
      const options = {
        method: message.method,
        path: endpoint.url.pathname.replace(/\/$/, '') + message.target,
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'tributary',
          ...call.headers,
          ...(message.body === null ? {} : { 'content-type': 'application/json' }),
        },
        body: message.body,
      };
      try {
        return answerOf(call, await exchange(poolOf(endpoint), options, call, maxResponseBytes));
      } catch (error) {
        if (call.signal.aborted) throw call.signal.reason;
        throw connectionError(call, error);
      }
    },
    close: async () => {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.close()));
    },
  };
};
