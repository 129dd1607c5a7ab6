import type { buildConnector } from 'undici';
import type { EgressGuard, EgressRefusedError } from '../../config/egress/egress-guard.ts';
import { type Endpoint, hostNameOf, portOf } from '../endpoints/endpoint.ts';
import type { EgressProxy } from './egress-proxy.ts';
import { connectorToProxy, openTunnel, ProxyFailure, type ProxyTunnelOptions } from './tunnel.ts';

/** Where a pool of connections through a proxy connects, and how. */
export interface ProxiedConnection {
  readonly origin: string;
  readonly connect: buildConnector.connector;
}

const isPlain = ({ url }: Endpoint): boolean => url.protocol === 'http:';

/** Host and port of an endpoint: its address, if it is known. */
export const tunnelTarget = (endpoint: Endpoint): string => {
  const host = endpoint.ip ?? hostNameOf(endpoint);
  return `${host.includes(':') ? `[${host}]` : host}:${portOf(endpoint)}`;
};

/**
 * Error for an endpoint that a proxy must not connect to; null for an allowed one. A tunnel goes to the address, if it is
 * known; otherwise the proxy resolves the name.
 */
export const refusedThroughProxy = (endpoint: Endpoint, guard: EgressGuard): EgressRefusedError | null => {
  const host = hostNameOf(endpoint);
  return endpoint.ip === null || isPlain(endpoint) ? guard.refusedName(host) : guard.refusedAddress(host, endpoint.ip);
};

/**
 * The connection to an endpoint through a proxy: to the proxy itself for `http:`, through a tunnel for `https:`. `secure`
 * connects over TLS to the endpoint.
 */
export const proxiedConnection = (
  { entry }: EgressProxy,
  endpoint: Endpoint,
  options: ProxyTunnelOptions,
  secure: buildConnector.connector,
): ProxiedConnection => {
  if (isPlain(endpoint)) return { origin: entry.origin, connect: connectorToProxy(entry, options.timeoutMs) };
  return {
    origin: endpoint.url.origin,
    connect: (target, connected) => {
      openTunnel(entry, tunnelTarget(endpoint), options).then(
        (httpSocket) => secure({ ...target, httpSocket }, connected),
        (error: unknown) =>
          connected(error instanceof Error ? error : new ProxyFailure('unreachable', 'PROXY_FAILED'), null),
      );
    },
  };
};
