import { DEFAULT_GUARD, type EgressGuard } from '../../config/egress/egress-guard.ts';
import { DEFAULT_REQUESTS, type OwnRequests } from '../../config/egress/own-requests.ts';
import { NO_USUAL_PROXIES, type UsualProxies } from '../../config/egress/usual-proxies.ts';
import type { OpenCallCounter } from '../../rate-limit/call-counter.ts';
import { type Endpoint, hostNameOf, portOf } from '../endpoints/endpoint.ts';
import type { EgressSettings } from './egress-options.ts';
import { ProxyGroup } from './proxy-group.ts';
import type { ProxyRegistry } from './proxy-registry.ts';

/** How calls leave the gateway: what may be called, through which proxies, and how often. */
export interface Egress {
  readonly guard: EgressGuard;
  /** Sends the gateway's own requests, such as those for access tokens. */
  readonly requests: Pick<OwnRequests, 'fetch'>;
  /** Null without any proxy. */
  readonly proxies: ProxyRegistry | null;
  readonly usual: UsualProxies;
  /** Opens the counters of quotas. */
  readonly openCounter: OpenCallCounter;
}

/** Returns the proxies through which an endpoint is called; null for a direct call. */
export type ProxiesOf = (endpoint: Endpoint) => ProxyGroup | null;

export const NO_PROXIES: ProxiesOf = () => null;

/**
 * Returns the choice between proxies and direct calls for the endpoints of one upstream. With `settings`, all endpoints
 * but those of `NO_PROXY` are called through `EGRESS_PROXIES`, and never directly if no proxy fits. Without, through
 * `HTTPS_PROXY` or `HTTP_PROXY`, if one is set. Null settings: always directly.
 */
export const proxiesOf = (
  upstream: string,
  settings: EgressSettings | null | undefined,
  { proxies, usual, openCounter }: Pick<Egress, 'proxies' | 'usual' | 'openCounter'>,
): ProxiesOf => {
  if (proxies === null || settings === null || (settings === undefined && !usual.isSet)) return NO_PROXIES;
  const own =
    settings === undefined
      ? null
      : new ProxyGroup(upstream, proxies.withLabels(settings.labels), settings, openCounter);
  const groups = new Map<string, ProxyGroup>();
  const usualGroup = (endpoint: Endpoint): ProxyGroup | null => {
    const entry = usual.proxyFor(endpoint.url.protocol, hostNameOf(endpoint), portOf(endpoint));
    if (entry === null || (endpoint.ip !== null && usual.isBypassed(endpoint.ip, portOf(endpoint)))) return null;
    const list = [proxies.usual(entry)];
    const group =
      groups.get(entry.name) ?? new ProxyGroup(upstream, () => list, { rotate: 'round-robin' }, openCounter);
    groups.set(entry.name, group);
    return group;
  };
  const known = new WeakMap<Endpoint, { readonly group: ProxyGroup | null }>();
  return (endpoint) => {
    const before = known.get(endpoint);
    if (before !== undefined) return before.group;
    const isBypassed = [hostNameOf(endpoint), endpoint.ip].some(
      (host) => host !== null && usual.isBypassed(host, portOf(endpoint)),
    );
    const group = own === null ? usualGroup(endpoint) : isBypassed ? null : own;
    known.set(endpoint, { group });
    return group;
  };
};

/** Without proxies and an allow-list. `openCounter` counts in this process. */
export const directEgress = (openCounter: OpenCallCounter): Egress => ({
  guard: DEFAULT_GUARD,
  requests: DEFAULT_REQUESTS,
  proxies: null,
  usual: NO_USUAL_PROXIES,
  openCounter,
});
