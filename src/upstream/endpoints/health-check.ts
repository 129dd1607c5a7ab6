import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { DEFAULT_GUARD, type EgressGuard } from '../../config/egress/egress-guard.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError, UpstreamError } from '../../core/errors.ts';
import { type Call, fork, type Send } from '../call.ts';
import { grpcHealth } from '../grpc/health.ts';
import { HandshakeError } from '../tls/handshake-failure.ts';
import type { ClientTls } from '../tls/upstream-tls.ts';
import { addressOf, type Endpoint, hostNameOf, portOf } from './endpoint.ts';

/** Method of a health check. */
export type HealthCheck =
  /**
   * A TCP connection; with `tls`, and an address that uses TLS, its handshake as well. `reach` connects; default: directly,
   * unless the address is reserved.
   */
  | { readonly by: 'connecting'; readonly tls?: ClientTls | undefined; readonly reach?: Reach | undefined }
  /** `GET <path>`, below the endpoint's base path, must return one of these statuses. Default: any 2xx. */
  | { readonly by: 'http'; readonly path: string; readonly expectStatus?: number | readonly number[] | undefined }
  /**
   * grpc.health.v1; a server that does not implement it is up. `service` is the full name of the service to check;
   * default: the server as a whole.
   */
  | { readonly by: 'grpc'; readonly service?: string | undefined };

/** Result of a health check of one endpoint. */
export interface EndpointHealth {
  readonly address: string;
  readonly status: 'up' | 'down';
  readonly responseTimeMs: number;
  /** Reason for which it is down, for operators. */
  readonly detail?: string;
}

export interface HealthOptions {
  /** Default 1,000. */
  readonly timeoutMs?: number;
  /** Aborts the check, which then returns `down`. */
  readonly signal?: AbortSignal;
}

/** Connects to an endpoint, over TLS if there is `tls` for it, and closes the connection. */
export type Reach = (endpoint: Endpoint, signal: AbortSignal, tls?: ClientTls) => Promise<void>;

const CHECK_TIMEOUT_MS = 1_000;

const USES_TLS = /^(https|grpcs):$/;

/** Resolves once the socket is connected, over TLS if it is one of TLS, and closes it. */
export const reached = (
  socket: Socket,
  endpoint: Endpoint,
  signal: AbortSignal,
  tls: ClientTls | undefined,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => void socket.destroy(signal.reason instanceof Error ? signal.reason : undefined);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      tls?.connected(endpoint, socket);
      socket.destroy();
      resolve();
    });
    socket.once('error', (error) => reject(tls?.failed(endpoint, error, socket) ?? error));
    socket.once('close', () => signal.removeEventListener('abort', stop));
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });

/** TLS of an endpoint that uses it. */
export const tlsFor = ({ url }: Endpoint, tls: ClientTls | undefined): ClientTls | undefined =>
  USES_TLS.test(url.protocol) ? tls : undefined;

/** Returns the check by a direct connection, to addresses that the guard allows. */
export const directReach =
  (guard: EgressGuard): Reach =>
  async (endpoint, signal, tls) => {
    const name = hostNameOf(endpoint);
    const to = { host: endpoint.ip ?? name, port: portOf(endpoint), lookup: guard.lookup };
    const refused = guard.refusedAddress(name, to.host);
    if (refused !== null) throw refused;
    const secure = tlsFor(endpoint, tls);
    const socket = secure === undefined ? connect(to) : connectTls({ ...secure.optionsFor(endpoint), ...to });
    await reached(socket, endpoint, signal, secure);
  };

const REACH = directReach(DEFAULT_GUARD);

/** Status of an answer, successful or not. @throws the error of a call without an answer */
const statusOf = async (call: Call, send: Send): Promise<number> => {
  try {
    return (await send(call)).status;
  } catch (error) {
    if (error instanceof UpstreamError && error.status !== null) return error.status;
    throw error;
  }
};

const isExpected = (status: number, expected: number | readonly number[] | undefined): boolean => {
  if (expected === undefined) return status >= 200 && status < 300;
  return typeof expected === 'number' ? status === expected : expected.includes(status);
};

const sendCheck = async (call: Call, endpoint: Endpoint, check: HealthCheck, send: Send): Promise<void> => {
  switch (check.by) {
    case 'connecting':
      return (check.reach ?? REACH)(endpoint, call.signal, check.tls);
    case 'http': {
      const status = await statusOf(call, send);
      if (!isExpected(status, check.expectStatus)) throw new Error(`answered ${status}`);
      return;
    }
    case 'grpc': {
      const question = check.service === undefined ? call : { ...call, service: check.service };
      const status = await grpcHealth(send, question);
      if (status !== 'serving') throw new Error(`health status: ${status}`);
      return;
    }
    default:
      return check satisfies never;
  }
};

const why = (error: unknown): string => {
  if (error instanceof UpstreamError) return error.reason;
  if (error instanceof GatewayError) return error.code;
  if (error instanceof HandshakeError) return `TLS: ${error.failure.reason}`;
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : 'unknown';
};

/** The call of a check. Nothing of it comes from a client. */
const questionTo = (endpoint: Endpoint, check: HealthCheck, deadline: number, signal: AbortSignal): Call => ({
  upstream: 'health',
  route: check.by === 'http' ? `GET ${check.path}` : 'health',
  idempotent: true,
  principalKey: 'anonymous',
  headers: {},
  message: {
    protocol: 'rest',
    method: 'GET',
    target: check.by === 'http' ? check.path : '/',
    body: null,
    as: 'none',
    statusOnly: true,
  },
  deadline,
  signal,
  request: null,
  attempt: 1,
  endpoint,
});

/** Checks one endpoint. Never rejects, and takes at most `timeoutMs`. */
export const healthOf = async (
  endpoint: Endpoint,
  check: HealthCheck,
  send: Send,
  clock: Clock,
  { timeoutMs = CHECK_TIMEOUT_MS, signal = new AbortController().signal }: HealthOptions = {},
): Promise<EndpointHealth> => {
  const started = clock.now();
  const limited = fork(questionTo(endpoint, check, started + timeoutMs, signal));
  const timer = clock.after(timeoutMs, () => limited.abort(new Error(`no answer within ${timeoutMs} ms`)));
  const outcome = await sendCheck(limited.call, endpoint, check, send).then(
    () => ({ status: 'up' as const }),
    // After an abort its reason is more informative than the resulting error.
    (error: unknown) => ({
      status: 'down' as const,
      detail: why(limited.call.signal.aborted ? limited.call.signal.reason : error),
    }),
  );
  timer.cancel();
  limited.release();
  return { address: addressOf(endpoint), responseTimeMs: Math.round((clock.now() - started) * 10) / 10, ...outcome };
};
