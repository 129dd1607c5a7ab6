import { connect as connectTls } from 'node:tls';
import { DEFAULT_GUARD, type EgressGuard } from '../../config/egress/egress-guard.ts';
import type { Clock } from '../../core/clock.ts';
import { type Endpoint, endpointAt } from '../endpoints/endpoint.ts';
import { directReach, type Reach, reached, tlsFor } from '../endpoints/health-check.ts';
import type { ClientTls } from '../tls/upstream-tls.ts';
import { NO_PROXIES, type ProxiesOf } from './egress.ts';
import type { EgressProxy } from './egress-proxy.ts';
import { refusedThroughProxy, tunnelTarget } from './proxied-connection.ts';
import { openTunnel } from './tunnel.ts';

interface EndpointReachOptions {
  /** Default: all but reserved addresses are reached. */
  readonly guard?: EgressGuard;
  /** Default: no proxies. */
  readonly proxiesOf?: ProxiesOf;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

/** Rejects with the signal's reason at an abort. */
const orAborted = <Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> => {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
};

/**
 * Returns the check by connecting: directly, or through the first usable proxy. Through a proxy an `http:` endpoint is
 * not reached by a connection alone: the proxy is.
 */
export const endpointReach = ({
  guard = DEFAULT_GUARD,
  proxiesOf = NO_PROXIES,
  connectTimeoutMs,
  clock,
}: EndpointReachOptions): Reach => {
  const direct = directReach(guard);
  const toProxy = directReach(DEFAULT_GUARD);
  const through = async (
    { entry }: EgressProxy,
    endpoint: Endpoint,
    signal: AbortSignal,
    tls: ClientTls | undefined,
  ): Promise<void> => {
    const socket = await openTunnel(entry, tunnelTarget(endpoint), { timeoutMs: connectTimeoutMs, clock });
    socket.on('error', () => {});
    if (tls === undefined) socket.destroy();
    else await reached(connectTls({ ...tls.optionsFor(endpoint), socket }), endpoint, signal, tls);
  };
  return async (endpoint, signal, tls) => {
    const group = proxiesOf(endpoint);
    if (group === null) return direct(endpoint, signal, tls);
    const refused = refusedThroughProxy(endpoint, guard);
    if (refused !== null) throw refused;
    const proxy = group.firstUsable();
    if (proxy === null) throw new Error('no egress proxy is usable');
    if (endpoint.url.protocol === 'http:') return toProxy(endpointAt(proxy.entry.origin), signal);
    return orAborted(through(proxy, endpoint, signal, tlsFor(endpoint, tls)), signal);
  };
};
