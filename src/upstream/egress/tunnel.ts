import { isIP, type Socket } from 'node:net';
import { Client } from 'undici';
import { DEFAULT_GUARD } from '../../config/egress/egress-guard.ts';
import { guardedConnector } from '../../config/egress/guarded-connector.ts';
import type { ProxyEntry } from '../../config/egress/proxy-list.ts';
import { type Clock, wallTime } from '../../core/clock.ts';
import { retryAfterMs } from '../retry/retry-after.ts';

/**
 * Failure of a proxy. `unreachable`: no connection to the proxy. `silent`: it has not answered CONNECT in time.
 * `status`: it has answered with this status.
 */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  readonly is: 'unreachable' | 'silent' | 'status';
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly code: string;

  constructor(
    is: ProxyFailure['is'],
    code: string,
    { status = null, waitMs = null }: { readonly status?: number | null; readonly waitMs?: number | null } = {},
  ) {
    super(`egress proxy: ${code}`);
    this.is = is;
    this.code = code;
    this.status = status;
    this.retryAfterMs = waitMs;
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const textOf = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The failure that a proxy answers with. */
export const answeredFailure = (status: number, headers: Headers): ProxyFailure => {
  const waitMs = retryAfterMs(textOf(headers, 'retry-after'), wallTime(), textOf(headers, 'date'));
  return new ProxyFailure('status', `PROXY_${status}`, { status, waitMs });
};

/** A code of its own: undici repeats a connect that failed with one of its codes for sockets, without end. */
const codeOf = (error: unknown): string =>
  `PROXY_${error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED'}`;

/** Connector to a proxy. The proxy is the operator's choice, and never a reserved address. */
export const connectorToProxy = ({ origin }: Pick<ProxyEntry, 'origin'>, timeoutMs: number) => {
  const name = new URL(origin).hostname.replace(/^\[|\]$/g, '');
  // undici takes the server name from the Host header, which names the backend. An address is none (RFC 6066, 3).
  const servername = isIP(name) === 0 ? name : '';
  const connector = guardedConnector({ timeout: timeoutMs, allowH2: false }, DEFAULT_GUARD);
  return (...[target, connected]: Parameters<typeof connector>): void =>
    connector({ ...target, servername }, (...result) => {
      const [error] = result;
      if (error === null) connected(...result);
      else connected(new ProxyFailure('unreachable', codeOf(error)), null);
    });
};

export interface ProxyTunnelOptions {
  /** Timeout in milliseconds, from the connect to the proxy's answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Its abort ends the attempt. Default: only the timeout does. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a tunnel to `target`, a host and port, with CONNECT (RFC 9110, 9.3.6).
 *
 * @throws ProxyFailure
 */
export const openTunnel = async (
  { origin, authorization }: Pick<ProxyEntry, 'origin' | 'authorization'>,
  target: string,
  { timeoutMs, clock, signal }: ProxyTunnelOptions,
): Promise<Socket> => {
  const ended = new AbortController();
  // undici's own timeouts are coarse, and would be second ones with other errors.
  const client = new Client(origin, {
    connect: connectorToProxy({ origin }, timeoutMs),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let isConnected = false;
  client.once('connect', () => {
    isConnected = true;
  });
  const abandon = () => ended.abort(new ProxyFailure('silent', 'PROXY_ABANDONED'));
  signal?.addEventListener('abort', abandon);
  const timer = clock.after(timeoutMs, () => ended.abort(new ProxyFailure('silent', 'PROXY_TIMEOUT')));
  try {
    const { statusCode, headers, socket } = await client.connect({
      path: target,
      headers: { host: target, ...(authorization !== null && { 'proxy-authorization': authorization.reveal() }) },
      signal: ended.signal,
    });
    if (statusCode >= 200 && statusCode < 300) return socket as Socket; // undici passes on the socket of the connection
    socket.on('error', () => {}).destroy();
    throw answeredFailure(statusCode, headers);
  } catch (error) {
    void client.destroy().catch(() => {});
    if (error instanceof ProxyFailure) throw error;
    throw new ProxyFailure(isConnected ? 'silent' : 'unreachable', codeOf(error));
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', abandon);
  }
};
