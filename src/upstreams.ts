import { endpointsVariable } from './backend/endpoints-variable.ts';
import { errorCodesOf } from './backend/error-codes.ts';
import type { SchemaModule } from './backend/module.ts';
import type { UpstreamDefinition } from './backend/upstreams.ts';
import type { Wanted } from './config.ts';
import type { OverridesPort } from './server/admin/overrides.ts';
import { shownOverrides } from './server/admin/overrides.ts';
import type { HealthReport } from './server/health.ts';
import type { EndpointCount } from './telemetry/metrics.ts';
import type { Send } from './upstream/call.ts';
import {
  connectUpstream,
  type Surroundings,
  TIMEOUT_MS,
  type Upstream,
  type UpstreamSettings,
} from './upstream/connect.ts';
import { type Origin, parseEndpoints, SCHEMES } from './upstream/endpoint.ts';
import type { UpstreamEvent } from './upstream/events.ts';
import { type Override, Overrides } from './upstream/overrides.ts';
import { ENDPOINT_STATES } from './upstream/status.ts';
import { checkSettings } from './upstream/traffic.ts';

interface Site {
  readonly module: SchemaModule;
  readonly name: string;
  readonly definition: UpstreamDefinition;
}

const sitesIn = (modules: readonly SchemaModule[]): readonly Site[] =>
  modules.flatMap((module) =>
    Object.entries(module.upstreams).map(([name, definition]) => ({ module, name, definition })),
  );

const variableOf = ({ module, name }: Site): string => endpointsVariable(module.name, name);

// Written without `rest` or `grpc`, which is told as a mistake of its module.
const hasProtocol = ({ definition }: Site): boolean => Object.hasOwn(SCHEMES, definition.protocol);

/** The variables that say where these modules' upstreams run. */
export const wantedEndpoints = (modules: readonly SchemaModule[]): readonly Wanted<readonly Origin[]>[] =>
  sitesIn(modules)
    .filter(hasProtocol)
    .map((site) => ({
      variable: variableOf(site),
      parse: (text) => parseEndpoints(text, site.definition.protocol),
      remedy: `say where ${site.module.name}'s upstream "${site.name}" runs, as in ${variableOf(site)}=${SCHEMES[site.definition.protocol][0]}//127.0.0.1:8080`,
    }));

/** What to tell whoever gives a request no more time than one attempt of an upstream may take. */
export const impatienceWarnings = (modules: readonly SchemaModule[], requestTimeoutMs: number): readonly string[] =>
  sitesIn(modules).flatMap(({ module, name, definition: { timeoutMs = TIMEOUT_MS } }) =>
    timeoutMs < requestTimeoutMs
      ? []
      : `REQUEST_TIMEOUT_MS is ${requestTimeoutMs}, and one attempt of ${module.name}.${name} may take ${timeoutMs} ms: it is never tried again elsewhere, and an endpoint that hangs is not found out. Raise the one, or lower timeoutMs.`,
  );

const settingsOf = ({ module, name, definition }: Site, origins: readonly Origin[]): UpstreamSettings => {
  const { timeoutMs, maxResponseBytes, health } = definition;
  const common = {
    name: `${module.name}.${name}`,
    origins,
    timeoutMs,
    maxResponseBytes,
    traffic: definition,
    checks: health === undefined ? null : checkSettings(health),
  };
  if (definition.protocol === 'grpc') {
    const { compression } = definition;
    return { ...common, protocol: 'grpc', check: { by: 'grpc' }, errorCodes: errorCodesOf(definition), compression };
  }
  const check =
    definition.health === undefined
      ? ({ by: 'connecting' } as const)
      : ({ by: 'http', path: definition.health.path, expectStatus: definition.health.expectStatus } as const);
  const { compression } = definition;
  return { ...common, protocol: 'rest', check, errorCodes: errorCodesOf(definition), compression };
};

export interface Upstreams {
  readonly connect: (module: SchemaModule, upstream: string) => Send;
  /** Resolves once every name among their endpoints was asked for the first time, whatever came of it. */
  readonly ready: Promise<void>;
  /** What operators decide for them. */
  readonly overrides: OverridesPort;
  health(): Promise<HealthReport>;
  /** How many endpoints of each upstream are in each state. */
  endpoints(): readonly EndpointCount[];
  /** What is under way in each, and what was decided for it. */
  status(): unknown;
  close(): Promise<void>;
}

export interface ConnectAllOptions extends Omit<Surroundings, 'steering' | 'report'> {
  /** Told of everything that happens in any of them. Default: nobody. */
  readonly report?: (upstream: string, event: UpstreamEvent) => void;
  /** Told of each of the operators' decisions that has expired. Default: nobody. */
  readonly onExpired?: (override: Override) => void;
}

/** Connects every upstream of these modules to where its variable says that it runs. */
export const connectAll = (
  modules: readonly SchemaModule[],
  origins: ReadonlyMap<string, readonly Origin[]>,
  { report, onExpired, ...options }: ConnectAllOptions,
): Upstreams => {
  const overrides = new Overrides(options.clock, onExpired);
  const connected = new Map<string, Upstream>();
  for (const site of sitesIn(modules)) {
    const settings = settingsOf(site, origins.get(variableOf(site)) ?? []);
    const { name } = settings;
    const surroundings = { ...options, steering: overrides.steering(name) };
    const upstream = connectUpstream(
      settings,
      report === undefined ? surroundings : { ...surroundings, report: (event) => report(name, event) },
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
    },
    health: async () => {
      const found = await Promise.all(
        [...connected].map(async ([name, upstream]) => [name, { endpoints: await upstream.health() }] as const),
      );
      return { upstreams: Object.fromEntries(found) };
    },
    endpoints: () =>
      [...connected].flatMap(([upstream, { status }]) => {
        const { endpoints } = status();
        return ENDPOINT_STATES.map((state) => ({
          upstream,
          state,
          count: endpoints.filter((endpoint) => endpoint.state === state).length,
        }));
      }),
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
