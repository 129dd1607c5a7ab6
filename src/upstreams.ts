import { endpointsVariable } from './backend/endpoints-variable.ts';
import type { SchemaModule } from './backend/module.ts';
import type { UpstreamDefinition } from './backend/upstreams.ts';
import type { Clock } from './clock.ts';
import type { Wanted } from './config.ts';
import type { HealthReport } from './server/health.ts';
import type { Send } from './upstream/call.ts';
import { connectUpstream, type Upstream } from './upstream/connect.ts';
import { type Endpoint, parseEndpoints, SCHEMES } from './upstream/endpoint.ts';
import type { HealthCheck } from './upstream/health.ts';

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

/** The variables that say where these modules' upstreams run. */
export const wantedEndpoints = (modules: readonly SchemaModule[]): readonly Wanted<readonly Endpoint[]>[] =>
  sitesIn(modules).map((site) => ({
    variable: variableOf(site),
    parse: (text) => parseEndpoints(text, site.definition.protocol),
    remedy: `say where ${site.module.name}'s upstream "${site.name}" runs, as in ${variableOf(site)}=${SCHEMES[site.definition.protocol][0]}//127.0.0.1:8080`,
  }));

const healthCheck = (definition: UpstreamDefinition): HealthCheck => {
  if (definition.protocol === 'grpc') return { by: 'grpc' };
  return definition.health === undefined ? { by: 'connecting' } : { by: 'http', path: definition.health.path };
};

export interface Upstreams {
  readonly connect: (module: SchemaModule, upstream: string) => Send;
  health(): Promise<HealthReport>;
  close(): Promise<void>;
}

/** Connects every upstream of these modules to where its variable says that it runs. */
export const connectAll = (
  modules: readonly SchemaModule[],
  endpoints: ReadonlyMap<string, readonly Endpoint[]>,
  clock: Clock,
): Upstreams => {
  const connected = new Map<string, Upstream>();
  for (const site of sitesIn(modules)) {
    const { definition } = site;
    const name = `${site.module.name}.${site.name}`;
    connected.set(
      name,
      connectUpstream(
        {
          name,
          protocol: definition.protocol,
          endpoints: endpoints.get(variableOf(site)) ?? [],
          timeoutMs: definition.timeoutMs,
          maxResponseBytes: definition.maxResponseBytes,
          health: healthCheck(definition),
        },
        clock,
      ),
    );
  }
  return {
    connect: (module, name) => {
      const upstream = connected.get(`${module.name}.${name}`);
      if (upstream === undefined) throw new Error(`${module.name} has no upstream "${name}"`);
      return upstream.send;
    },
    health: async () => {
      const found = await Promise.all(
        [...connected].map(async ([name, upstream]) => [name, { endpoints: await upstream.health() }] as const),
      );
      return { upstreams: Object.fromEntries(found) };
    },
    close: async () => {
      await Promise.all([...connected.values()].map((upstream) => upstream.close()));
    },
  };
};
