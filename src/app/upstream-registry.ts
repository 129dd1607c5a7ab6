import { secretsIn } from '../backend/credentials/secrets-in.ts';
import { endpointsVariable } from '../backend/define/endpoints-variable.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import { type DeclaredUpstream, upstreamSettings } from '../backend/define/upstream-settings.ts';
import type { RequiredSecret } from '../config/secrets/read-secrets.ts';
import type { SecretStore } from '../config/secrets/secret-store.ts';
import type { RequiredVariable } from '../config/settings.ts';
import type { HealthReport } from '../http/admin/health.ts';
import type { OverridesPort } from '../http/admin/overrides.ts';
import { shownOverrides } from '../http/admin/overrides.ts';
import type { QuotaState } from '../telemetry/metrics/egress-metrics.ts';
import type { EndpointCount, SourceState, UpstreamCertificates } from '../telemetry/metrics/endpoint-metrics.ts';
import type { RoutedSend } from '../upstream/call.ts';
import { SCHEMES } from '../upstream/endpoints/endpoint.ts';
import { type EndpointEntry, parseEndpoints } from '../upstream/endpoints/endpoint-list.ts';
import type { UpstreamEvent } from '../upstream/events.ts';
import { type Override, Overrides } from '../upstream/operations/overrides.ts';
import { ENDPOINT_STATES, type UpstreamStatus } from '../upstream/operations/status.ts';
import { trafficSettings } from '../upstream/options.ts';
import { tlsSettingsOf } from '../upstream/tls/read-tls.ts';
import type { TlsSettings } from '../upstream/tls/tls-options.ts';
import type { TlsSnapshot } from '../upstream/tls/tls-snapshot.ts';
import { connectUpstream, type Upstream, type UpstreamDependencies } from '../upstream/upstream.ts';

const sitesIn = (modules: readonly SchemaModule[]): readonly DeclaredUpstream[] =>
  modules.flatMap((module) =>
    Object.entries(module.upstreams).map(([name, definition]) => ({ module, name, definition })),
  );

const variableOf = ({ module, name }: DeclaredUpstream): string => endpointsVariable(module.name, name);

// False without `rest`, `grpc` or `graphql`, which is reported as a problem of the module.
const hasProtocol = ({ definition }: DeclaredUpstream): boolean => Object.hasOwn(SCHEMES, definition.protocol);

/** Returns the required variables with the endpoints of these modules' upstreams. */
export const requiredEndpoints = (
  modules: readonly SchemaModule[],
): readonly RequiredVariable<readonly EndpointEntry[]>[] =>
  sitesIn(modules)
    .filter(hasProtocol)
    .map((site) => ({
      variable: variableOf(site),
      parse: (text) => parseEndpoints(text, site.definition.protocol),
      fix: `set it to the endpoints of upstream "${site.name}" of ${site.module.name}, such as ${variableOf(site)}=${SCHEMES[site.definition.protocol][0]}//127.0.0.1:8080`,
    }));

/** Returns a warning for each upstream with a `timeoutMs` not below the timeout of requests. */
export const timeoutWarnings = (modules: readonly SchemaModule[], requestTimeoutMs: number): readonly string[] =>
  sitesIn(modules).flatMap(({ module, name, definition }) => {
    const { timeoutMs } = trafficSettings(definition);
    return timeoutMs < requestTimeoutMs
      ? []
      : `REQUEST_TIMEOUT_MS (${requestTimeoutMs}) must be above timeoutMs of ${module.name}.${name} (${timeoutMs}): attempts that time out are not retried, and hanging endpoints are not detected. Raise REQUEST_TIMEOUT_MS or lower timeoutMs.`;
  });

/** Returns a problem for each upstream with `residency` in a gateway without a region. */
export const residencyProblems = (modules: readonly SchemaModule[], region: string): readonly string[] =>
  sitesIn(modules).flatMap(({ module, name, definition }) =>
    region === '' && definition.balance?.residency === true
      ? `REGION: is required by residency of ${module.name}.${name}: set it to the region of this gateway`
      : [],
  );

/** Returns the secrets that the upstreams of these modules need. */
export const requiredSecrets = (modules: readonly SchemaModule[]): readonly RequiredSecret[] =>
  sitesIn(modules).flatMap(({ module, name, definition }) => secretsIn(module.name, name, definition));

export interface Upstreams {
  readonly connect: (module: SchemaModule, upstream: string) => RoutedSend;
  /** Resolves after the first attempt of every source of endpoints, even a failed one. */
  readonly ready: Promise<void>;
  /** The overrides of operators. */
  readonly overrides: OverridesPort;
  health(): Promise<HealthReport>;
  /** Returns the number of endpoints of each upstream, from each of its sources and in each state. */
  endpoints(): readonly EndpointCount[];
  /** Returns the state of each source of endpoints. */
  sources(): readonly SourceState[];
  /** Returns the certificates of TLS in use, and the failed handshakes, of each upstream. */
  certificates(): readonly UpstreamCertificates[];
  /** Returns the state and the overrides of each upstream. */
  status(): object;
  /** Returns the calls left of each quota. */
  quotas(): readonly QuotaState[];
  close(): Promise<void>;
}

export interface ConnectAllOptions extends Omit<UpstreamDependencies, 'overrides' | 'report'> {
  /** Values of the secrets that upstreams declare. Default: none, so that such an upstream is an error. */
  readonly secrets?: Pick<SecretStore, 'text'>;
  /** TLS by `<module>.<upstream>`. Default: the options of the modules. */
  readonly tls?: ReadonlyMap<string, TlsSettings>;
  /** Called for every event of every upstream. Default: none. */
  readonly report?: (upstream: string, event: UpstreamEvent) => void;
  /** Called for each override that expires. Default: none. */
  readonly onExpired?: (override: Override) => void;
}

const NO_SECRETS: Pick<SecretStore, 'text'> = {
  text: (variable) => {
    throw new Error(`the secret ${variable} was not read`);
  },
};

const certificatesOf = (upstream: string, tls: TlsSnapshot | null): UpstreamCertificates => ({
  upstream,
  certificates: (tls?.certificates ?? []).map(({ use, place, expiresAt }) => ({
    use,
    file: use === 'server' ? '' : place,
    expiresAt: Date.parse(expiresAt),
  })),
  handshakeFailures: tls?.handshakeFailures ?? {},
});

/** Returns the number of endpoints of an upstream, from each of its sources and in each state. */
const endpointCounts = (upstream: string, { endpoints, discovery }: UpstreamStatus): readonly EndpointCount[] => {
  const listed = discovery.map(({ source }) => source);
  return [...new Set([...listed, ...endpoints.map(({ source }) => source)])].flatMap((source) =>
    ENDPOINT_STATES.map((state) => ({
      upstream,
      source,
      state,
      count: endpoints.filter((endpoint) => endpoint.state === state && endpoint.source === source).length,
    })),
  );
};
const quotasOf = (connected: ReadonlyMap<string, Upstream>): readonly QuotaState[] =>
  [...connected].flatMap(([upstream, { status }]) => {
    const { quota } = status();
    return quota === null ? [] : { upstream, remaining: quota.remaining };
  });

/** Connects the upstreams of these modules to their configured endpoints. */
export const connectAll = (
  modules: readonly SchemaModule[],
  sources: ReadonlyMap<string, readonly EndpointEntry[]>,
  { report, onExpired, secrets = NO_SECRETS, tls = new Map(), ...options }: ConnectAllOptions,
): Upstreams => {
  const overrides = new Overrides(options.clock, onExpired);
  const connected = new Map<string, Upstream>();
  for (const site of sitesIn(modules)) {
    const settings = upstreamSettings(site, sources.get(variableOf(site)) ?? [], (secret) =>
      secrets.text(secret.variable),
    );
    const { name } = settings;
    const secured = { ...settings, tls: tls.get(name) ?? tlsSettingsOf(site.definition.tls) };
    const dependencies = { ...options, overrides: overrides.activeFor(name) };
    const upstream = connectUpstream(
      secured,
      report === undefined ? dependencies : { ...dependencies, report: (event) => report(name, event) },
    );
    connected.set(name, upstream);
  }
  return {
    connect: (module, name) => {
      const upstream = connected.get(`${module.name}.${name}`);
      if (upstream === undefined) throw new Error(`${module.name} has no upstream "${name}"`);
      return upstream.send;
    },
    ready: Promise.all([...connected.values()].map(({ ready }) => ready)).then(() => {}),
    overrides: {
      list: () => overrides.list(),
      replace: (all) => overrides.replace(all),
      upstreams: () => [...connected.keys()],
      endpointsOf: (name) =>
        connected
          .get(name)
          ?.status()
          .endpoints.map(({ address }) => address) ?? null,
      mayInjectFaults: options.faultInjection === true,
      protocolOf: (name) => connected.get(name)?.status().protocol ?? null,
      subsetsOf: (name) => connected.get(name)?.subsets ?? [],
    },
    health: async () => {
      const found = await Promise.all(
        [...connected].map(async ([name, upstream]) => [name, { endpoints: await upstream.health() }] as const),
      );
      return { upstreams: Object.fromEntries(found) };
    },
    endpoints: () => [...connected].flatMap(([upstream, { status }]) => endpointCounts(upstream, status())),
    sources: () =>
      [...connected].flatMap(([upstream, { status }]) =>
        status().discovery.map((snapshot) => ({ upstream, ...snapshot })),
      ),
    certificates: () => Array.from(connected, ([name, { status }]) => certificatesOf(name, status().tls)),
    quotas: () => quotasOf(connected),
    status: () => ({
      upstreams: Object.fromEntries(
        [...connected].map(([name, upstream]) => [
          name,
          { ...upstream.status(), overrides: shownOverrides(overrides.list(name)) },
        ]),
      ),
    }),
    close: async () => {
      await Promise.all([...connected.values()].map((upstream) => upstream.close()));
    },
  };
};
