import { connect } from 'node:net';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';
import { type Call, fork, type Send } from './call.ts';
import { addressOf, type Endpoint } from './endpoint.ts';
import { grpcHealth } from './grpc/health.ts';

/** How an endpoint is asked whether it is well. */
export type HealthCheck =
  | { readonly by: 'connecting' }
  /** `GET <path>` answers 2xx. */
  | { readonly by: 'http'; readonly path: string }
  /** grpc.health.v1; a server that does not implement it is well. */
  | { readonly by: 'grpc' };

export interface EndpointHealth {
  readonly address: string;
  readonly status: 'up' | 'down';
  readonly responseTimeMs: number;
  /** Why it is down. For operators. */
  readonly detail?: string;
}

const CHECK_TIMEOUT_MS = 1_000;

const connecting = (url: URL, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const port =
      url.port === '' ? (url.protocol === 'https:' || url.protocol === 'grpcs:' ? 443 : 80) : Number(url.port);
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });

const ask = async (call: Call, endpoint: Endpoint, check: HealthCheck, send: Send): Promise<void> => {
  switch (check.by) {
    case 'connecting':
      return connecting(endpoint.url, call.signal);
    case 'http':
      await send(call);
      return;
    case 'grpc': {
      const verdict = await grpcHealth(send, call);
      if (verdict !== 'serving') throw new Error(`says that it is ${verdict}`);
      return;
    }
    default:
      return check satisfies never;
  }
};

const why = (error: unknown): string => {
  if (error instanceof GatewayError) return error.code;
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : 'unknown';
};

/** Asks one endpoint how it is; never rejects, and takes at most one second. */
export const healthOf = async (
  endpoint: Endpoint,
  check: HealthCheck,
  send: Send,
  clock: Clock,
): Promise<EndpointHealth> => {
  const started = clock.now();
  const call: Call = {
    upstream: 'health',
    route: check.by === 'http' ? `GET ${check.path}` : 'health',
    idempotent: true,
    principalKey: 'anonymous',
    headers: {},
    message: { protocol: 'rest', method: 'GET', target: check.by === 'http' ? check.path : '/', body: null },
    deadline: started + CHECK_TIMEOUT_MS,
    signal: new AbortController().signal,
    request: null,
    attempt: 1,
    endpoint,
  };
  const limited = fork(call);
  const timer = clock.after(CHECK_TIMEOUT_MS, () =>
    limited.abort(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)),
  );
  const outcome = await ask(limited.call, endpoint, check, send).then(
    () => ({ status: 'up' as const }),
    (error: unknown) => ({ status: 'down' as const, detail: why(error) }),
  );
  timer.cancel();
  limited.release();
  return { address: addressOf(endpoint), responseTimeMs: Math.round((clock.now() - started) * 10) / 10, ...outcome };
};
