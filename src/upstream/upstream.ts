import type { Clock } from '../core/clock.ts';
import { memoryCallCounters } from '../rate-limit/call-counter.ts';
import { localityOf } from './balance/candidate.ts';
import { capacityOf } from './bulkhead/capacity.ts';
import { bulkhead } from './bulkhead/layer.ts';
import type { RoutedSend, Send } from './call.ts';
import { circuitsOf } from './circuit/endpoint-circuits.ts';
import { type CredentialSettings, callCredentials } from './credentials/call-credentials.ts';
import type { TokenIssuer } from './credentials/internal-tokens.ts';
import { directEgress, type Egress } from './egress/egress.ts';
import { startedChecks } from './endpoints/active-checks.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { EndpointEntry } from './endpoints/endpoint-list.ts';
import { type EndpointHealth, type HealthCheck, healthOf } from './endpoints/health-check.ts';
import { memberWith } from './endpoints/member.ts';
import { Members } from './endpoints/members.ts';
import { peakEwma } from './endpoints/peak-ewma.ts';
import { discover } from './endpoints/sources/discover-endpoints.ts';
import type { OpenSource } from './endpoints/sources/open-source.ts';
import type { LayerDependencies, Report } from './events.ts';
import { injectedErrors } from './faults/injected-error.ts';
import { EndpointLoads } from './load/endpoint-loads.ts';
import {
  type NetworkDependencies,
  type NetworkSettings,
  networkTransport,
  type ProtocolSettings,
} from './network-transport.ts';
import { type ActiveOverrides, NO_OVERRIDES } from './operations/active-overrides.ts';
import { Recent } from './operations/recent-events.ts';
import { statusOf, type UpstreamStatus } from './operations/status.ts';
import {
  type CheckSettings,
  RETRY_DEFAULTS,
  type TrafficOptions,
  type TrafficSettings,
  trafficSettings,
} from './options.ts';
import type { CallQuota } from './quota/layer.ts';
import { MAX_CONNECTIONS } from './rest/pools.ts';
import type { Transport } from './rest/transport.ts';
import { RetryBudget } from './retry/budget.ts';
import type { CallOrigin } from './routing/call-origin.ts';
import { Router } from './routing/router.ts';
import { upstreamStack } from './stack.ts';
import type { Transform } from './transform/transform.ts';

interface CommonSettings extends NetworkSettings {
  readonly sources: readonly EndpointEntry[];
  readonly traffic?: TrafficOptions;
  /** Health check of an endpoint. */
  readonly check: HealthCheck;
  /** Settings of checks in the background; null for none. Default null. */
  readonly checks?: CheckSettings | null;
  /** The gateway's own headers and credentials. Default none. */
  readonly credentials?: CredentialSettings | null;
  /** Hooks of the module. Default none. */
  readonly transform?: Transform | undefined;
}

export type UpstreamSettings = CommonSettings & ProtocolSettings;

/** Dependencies of an upstream. */
export interface UpstreamDependencies extends NetworkDependencies {
  /** Issues the tokens of upstreams with `internalToken`. Default: none. */
  readonly issuer?: TokenIssuer | undefined;
  /** Default: `Math.random`. */
  readonly random?: () => number;
  /** Opens the sources of endpoints. Default: with the system's DNS servers. */
  readonly open?: OpenSource;
  /** Zone of the gateway. Default: none. */
  readonly zone?: string;
  /** True if operators may inject faults. Default false. */
  readonly faultInjection?: boolean;
  /** Region of the gateway. Default: none. */
  readonly region?: string;
  /** Place among all replicas of the gateway, from 0 to 1; null if unknown. Default: null, which is a random one. */
  readonly position?: number | null;
  /** Overrides of operators. Default: none. */
  readonly overrides?: ActiveOverrides;
  /** Called for every event. Default: events are dropped. */
  readonly report?: Report;
}

/** One network service with its endpoints, connected. */
export interface Upstream {
  readonly name: string;
  readonly send: RoutedSend;
  /** Names of its subsets; empty without routes. */
  readonly subsets: readonly string[];
  /** Checks every endpoint now. */
  health(): Promise<readonly EndpointHealth[]>;
  /** Calls in flight and recent outcomes. */
  status(): UpstreamStatus;
  /** Resolves after the first attempt of every source of endpoints, whatever its result. */
  readonly ready: Promise<void>;
  /** Replaces all endpoints. Calls in flight go on. */
  replace(sources: readonly EndpointEntry[]): void;
  /** Waits for calls in flight, then closes every connection. */
  close(): Promise<void>;
}

/**
 * Maximum number of concurrent calls of one endpoint: one per HTTP/1.1 connection; unlimited for HTTP/2, limited by the
 * server.
 */
const connectionsOf = ({ protocol }: UpstreamSettings, { limits }: TrafficSettings): number =>
  protocol === 'rest' ? (limits.connections ?? MAX_CONNECTIONS) : Number.POSITIVE_INFINITY;

const healthOfAll = ({ current }: Members, check: HealthCheck, { send, tls, reach }: Transport, clock: Clock) => {
  const secured = check.by === 'connecting' ? { ...check, tls, reach } : check;
  return Promise.all(current.map(({ endpoint }) => healthOf(endpoint, secured, send, clock)));
};

const routerOf = (name: string, { routing }: TrafficSettings, dependencies: LayerDependencies): Router | null =>
  routing === undefined ? null : new Router(name, routing, dependencies);

/** The endpoints that may be used: with `residency`, those of the gateway's own region. */
const allowedIn =
  ({ balance }: TrafficSettings, region = '') =>
  (endpoints: readonly Endpoint[]): readonly Endpoint[] =>
    balance.residency ? endpoints.filter((endpoint) => localityOf(endpoint).region === region) : endpoints;

const membersOf = (
  endpoints: readonly Endpoint[],
  traffic: TrafficSettings,
  transport: Transport,
  loads: EndpointLoads,
  dependencies: LayerDependencies,
) =>
  new Members(endpoints, {
    clock: dependencies.clock,
    report: dependencies.report,
    memberOf: memberWith(peakEwma, (address) => circuitsOf(traffic.circuit, dependencies, address)),
    release: (endpoint) => transport.release(endpoint),
    onChange: (current) => loads.follow(current),
  });

const routedBy = (router: Router | null, send: Send): RoutedSend =>
  router === null
    ? send
    : Object.assign(send, {
        subsetOf: (origin: CallOrigin) => router.subsetOf(origin),
        routingHeaders: () => router.requestHeaders(),
      });

const dependenciesOf = (
  { clock, random = Math.random, overrides = NO_OVERRIDES, report }: UpstreamDependencies,
  recent: Recent,
): LayerDependencies => ({
  clock,
  random,
  overrides,
  report: (event) => {
    recent.report(event);
    report?.(event);
  },
});

/** Where the gateway runs. An unknown position is a random one, if it is needed. */
const placeIn = (
  { zone = '', region = '', position }: UpstreamDependencies,
  { balance }: TrafficSettings,
  { random }: LayerDependencies,
) => ({ zone, region, position: position ?? (balance.aperture === undefined ? 0 : random()) });

const quotaOf = ({ quota }: TrafficSettings, name: string, { openCounter }: Egress): CallQuota | null =>
  quota === undefined
    ? null
    : { settings: quota, counter: openCounter({ limit: quota.calls, seconds: quota.perSeconds }, name) };

/** One upstream on a transport. Before the first call only checks are sent. */
export const upstreamOn = (
  openTransport: (traffic: TrafficSettings, report: Report) => Transport,
  settings: UpstreamSettings,
  provided: UpstreamDependencies,
): Upstream => {
  const traffic = trafficSettings(settings.traffic);
  const recent = new Recent(provided.clock);
  const dependencies = dependenciesOf(provided, recent);
  const transport = openTransport(traffic, dependencies.report);
  const egress = provided.egress ?? directEgress(memoryCallCounters(provided.clock));
  const quota = quotaOf(traffic, settings.name, egress);

  const allowed = allowedIn(traffic, provided.region);
  // More endpoints increase the limit of concurrent calls.
  const use = (endpoints: readonly Endpoint[], reason: string): void => {
    if (members.replace(allowed(endpoints), reason)) isolation.wake();
  };
  const watch = (sources: readonly EndpointEntry[]) =>
    discover({ ...dependencies, upstream: settings.name, entries: sources, open: provided.open, onChange: use });
  let discovery = watch(settings.sources);
  const loads = new EndpointLoads(traffic.balance, dependencies, { protocol: settings.protocol, send: transport.send });
  const members = membersOf(allowed(discovery.known), traffic, transport, loads, dependencies);

  const connections = connectionsOf(settings, traffic);
  const isolation = bulkhead(traffic.limits, dependencies, capacityOf(members, connections, dependencies.overrides));
  const budget = new RetryBudget(traffic.retry ?? RETRY_DEFAULTS, provided.clock);
  const own =
    settings.credentials == null
      ? null
      : callCredentials(settings.credentials, { ...dependencies, requests: egress.requests, issuer: provided.issuer });
  const router = routerOf(settings.name, traffic, dependencies);
  const shared = { members, bulkhead: isolation, budget, quota, dependencies };
  const stack = upstreamStack({
    ...shared,
    settings: traffic,
    timeoutMs: traffic.timeoutMs,
    router,
    hooks: settings.transform ?? null,
    injected: provided.faultInjection === true ? injectedErrors(settings.errorCodes) : null,
    locality: placeIn(provided, traffic, dependencies),
    connections,
    loads,
    credentials: own,
  });
  const checks = startedChecks(settings, members, { send: transport.send, loads }, dependencies);

  return {
    name: settings.name,
    subsets: Object.keys(traffic.routing?.subsets ?? {}),
    send: routedBy(router, stack(transport.send)),
    health: () => healthOfAll(members, settings.check, transport, provided.clock),
    status: () =>
      statusOf({
        ...shared,
        settings,
        balance: traffic.balance,
        recent,
        discovery: discovery.snapshot(),
        routing: router?.snapshot() ?? null,
        tls: transport.tls?.snapshot() ?? null,
      }),
    ready: discovery.ready,
    replace: (sources) => {
      discovery.stop();
      discovery = watch(sources);
      // A list of sources keeps the previous endpoints until the first answer.
      if (discovery.known.length > 0) use(discovery.known, 'replaced');
    },
    close: async () => {
      discovery.stop();
      checks?.stop();
      loads.stop();
      own?.close();
      await transport.close();
    },
  };
};

/** Connects one upstream: its stack on the transport of its protocol. */
export const connectUpstream = (settings: UpstreamSettings, dependencies: UpstreamDependencies): Upstream =>
  upstreamOn((traffic, report) => networkTransport(settings, traffic, dependencies, report), settings, dependencies);

/** A transport that ends in this process. */
export const transportTo = (send: Send): Transport => ({ send, release: async () => {}, close: async () => {} });
