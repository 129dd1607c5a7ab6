import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApiKeys } from '../auth/api-keys/open-api-keys.ts';
import type { SchemaModule } from '../backend/define/module.ts';
import { secretStore } from '../config/secrets/secret-store.ts';
import { type ProcessSettings, type Settings, schemaDir } from '../config/settings.ts';
import { systemClock } from '../core/clock.ts';
import { buildGateway, type Gateway, type GatewayOptions } from '../graph/build-gateway.ts';
import { warningsIn } from '../graph/compose/warnings.ts';
import { routeStatus } from '../graph/routes/routes.ts';
import { overrideFields } from '../http/admin/overrides.ts';
import { memoryInFlight } from '../http/graphql/memory-in-flight.ts';
import type { RunningServer } from '../http/listener/server.ts';
import type { Log } from '../telemetry/log/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { EndpointEntry } from '../upstream/endpoints/endpoint-list.ts';
import { IN_CLUSTER, type KubernetesApi, kubernetesApi } from '../upstream/endpoints/kubernetes/kubernetes-api.ts';
import { memoryLeases } from '../upstream/endpoints/registrations/memory-leases.ts';
import { redisLeases } from '../upstream/endpoints/registrations/redis-leases.ts';
import { openRegistrations, type Registrations } from '../upstream/endpoints/registrations/registrations.ts';
import { openSource } from '../upstream/endpoints/sources/open-source.ts';
import { openEgress } from './egress.ts';
import { openIdentity } from './identity/authentication.ts';
import { openExtAuthz } from './identity/ext-authz.ts';
import { openInternalTokens } from './identity/internal-tokens.ts';
import { type Limits, limitsOf } from './limits.ts';
import { DRAIN_GRACE_MS, listen } from './listeners/listen.ts';
import { openRequestRules } from './listeners/request-rules.ts';
import { type MemoryShares, memoryShares } from './memory-shares.ts';
import { type Observability, openObservability } from './observability.ts';
import { type PrepareOptions, prepare } from './prepare.ts';
import { reportCosts, reportExecution, reportSecrets, reportUpstreams } from './report.ts';
import { openRequestLimits } from './request-limits.ts';
import { openSharedStore, type SharedStore } from './store.ts';
import { openTrustedDocuments } from './trusted-documents.ts';
import { type ConnectAllOptions, connectAll, timeoutWarnings, type Upstreams } from './upstream-registry.ts';

/** Returns the initial operation of the explorer: `example.graphql` of the schema folder, or an empty text. */
const exampleQuery = (env: NodeJS.ProcessEnv): Promise<string> =>
  readFile(join(schemaDir(env), 'example.graphql'), 'utf8').catch(() => '');

const sourcesOf = ({ DNS_SERVERS: servers }: Settings, registrations: Registrations, kubernetes: KubernetesApi) =>
  openSource({
    clock: systemClock,
    dnsServers: servers.length > 0 ? servers : undefined,
    registrations,
    kubernetes,
  });

const openUpstreams = async (
  modules: readonly SchemaModule[],
  { settings, required }: ProcessSettings<readonly EndpointEntry[]>,
  network: Pick<ConnectAllOptions, 'tls' | 'secrets' | 'egress' | 'issuer'>,
  { metrics }: Telemetry,
  { log, audit }: Pick<Observability, 'log' | 'audit'>,
  registrations: Registrations,
  kubernetes: KubernetesApi,
): Promise<Upstreams> => {
  const upstreams = connectAll(modules, required, {
    ...network,
    clock: systemClock,
    zone: settings.ZONE,
    region: settings.REGION,
    position: settings.REPLICA,
    faultInjection: settings.FAULT_INJECTION === 'on',
    open: sourcesOf(settings, registrations, kubernetes),
    report: reportUpstreams(metrics, log),
    onExpired: (override) => {
      log.warn('Override expired.', overrideFields(override));
      const target = overrideFields(override);
      audit.record({ event: 'override.expired', actor: { kind: 'gateway' }, outcome: 'success', target });
    },
  });
  metrics.watchEndpoints(upstreams.endpoints);
  metrics.watchSources(upstreams.sources);
  metrics.watchCertificates(upstreams.certificates);
  metrics.watchQuotas(upstreams.quotas);
  await upstreams.ready;
  return upstreams;
};

/** What the graph uses of the process. */
interface GraphParts extends Pick<GatewayOptions, 'connect' | 'trusted' | 'store'> {
  readonly limits: Limits;
  readonly shares: MemoryShares;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

const openGateway = (
  modules: readonly SchemaModule[],
  settings: Settings,
  { limits, shares, telemetry, ...parts }: GraphParts,
): Gateway =>
  buildGateway({
    ...parts,
    modules,
    introspection: settings.INTROSPECTION === 'caller' ? 'caller' : settings.INTROSPECTION === 'on',
    authDefault: settings.AUTH_DEFAULT,
    limits: limits.documents,
    maxFields: settings.MAX_FIELDS,
    maxErrors: settings.MAX_RESPONSE_ERRORS,
    maxResponseBytes: settings.MAX_RESPONSE_BYTES,
    listSize: settings.DEFAULT_LIST_SIZE,
    costLimit: { max: settings.MAX_COST, mode: settings.COST_MODE, report: reportCosts(parts.log) },
    usageWeights: { perCall: settings.COST_PER_CALL, perKib: settings.COST_PER_KIB },
    openLimiter: limits.openLimiter,
    execution: settings.EXECUTION,
    caches: shares,
    report: reportExecution(telemetry.metrics, parts.log),
  });

const registrationsIn = ({ REGISTRATION_NETWORKS: networks }: Settings, { redis }: SharedStore): Registrations => {
  const store = redis === null ? memoryLeases(systemClock) : redisLeases(redis);
  return openRegistrations({ store, clock: systemClock, networks });
};

const memoryOf = ({ MAX_BYTES_IN_FLIGHT: max }: Settings, shares: MemoryShares, { metrics }: Telemetry) => {
  const memory = memoryInFlight(max ?? shares.inFlight, systemClock, () => metrics.refused('memory'));
  metrics.watchMemory(() => memory.bytes);
  return memory;
};

/** Returns the tokens with which endpoints of an upstream may register. */
const tokensIn =
  ({ REGISTRATION_TOKENS }: Settings) =>
  (upstream: string): readonly string[] =>
    REGISTRATION_TOKENS.flatMap((one) => (one.upstream === upstream ? [one.token] : []));

/** The states of parts for operators; null for a part that is not there. */
const statesOf = (parts: Readonly<Record<string, { status(): unknown } | null>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part?.status() ?? null]));

/** A gateway that listens on both of its addresses. */
export interface RunningGateway {
  readonly server: RunningServer;
  /** Completes the requests in flight, then closes everything that was opened. */
  readonly stop: () => Promise<void>;
  /** Maximum time of the requests in flight after `stop`, in milliseconds. */
  readonly drainMs: number;
}

/**
 * Starts the gateway of this environment. Warnings are printed to standard error.
 *
 * @throws ConfigurationError with all problems of the modules and the settings
 */
export const startGateway = async (
  env: NodeJS.ProcessEnv,
  options: Pick<PrepareOptions, 'allowMissingEndpoints'> = {},
): Promise<RunningGateway> => {
  const { modules, config, secrets: found, tls, listeners, ...read } = await prepare(env, options);
  const { settings } = config;
  const timeouts = timeoutWarnings(modules, settings.REQUEST_TIMEOUT_MS);
  for (const warning of [...config.warnings, ...warningsIn(modules), ...timeouts]) console.warn(warning);
  const { log, telemetry, access, audit, close: closeObservability } = await openObservability(settings, systemClock);
  const shares = memoryShares();
  const memory = memoryOf(settings, shares, telemetry);
  const secrets = secretStore(found, systemClock, reportSecrets(log));
  const shared = await openSharedStore(settings.REDIS_URL, shares.store, systemClock, log);
  const registrations = registrationsIn(settings, shared);
  const egress = openEgress(settings, shared.redis, telemetry.metrics, log, systemClock);
  const kubernetes = kubernetesApi(IN_CLUSTER, egress.guard);
  const internalTokens = openInternalTokens(settings, read.signingKeys, systemClock, log);
  const network = { tls, secrets, egress, issuer: internalTokens?.issuer };
  const upstreams = await openUpstreams(modules, config, network, telemetry, { log, audit }, registrations, kubernetes);
  telemetry.metrics.watchStore(() => shared.health().status === 'ok');
  const limits = limitsOf(settings, shared.redis);
  const trusted = openTrustedDocuments(settings, read.documents, systemClock, log, telemetry.metrics);
  const parts = { connect: upstreams.connect, store: shared.cache, limits, shares, telemetry, log };
  const gateway = openGateway(modules, settings, { ...parts, trusted: trusted.options });
  const [{ metrics }, { requests }, { redis }] = [telemetry, egress, shared];
  const counting = { file: read.limitFile, schema: gateway.schema, redis, clock: systemClock, log };
  const requestLimits = openRequestLimits(settings, counting);
  const rules = openRequestRules(read.requestRules, systemClock, log);
  await gateway.start();
  const apiKeys = await openApiKeys(settings.API_KEYS, { redis, clock: systemClock, log, metrics });
  const common = { clock: systemClock, log, audit };
  const open = sourcesOf(settings, registrations, kubernetes);
  const extAuthz = openExtAuthz(settings, read.extAuthz, { ...common, egress, open, metrics });
  const identity = await openIdentity(settings, { ...common, secrets, apiKeys, requests, redis });
  const { server, close: closeFiles } = await listen(
    settings,
    listeners,
    {
      ...common,
      ...identity,
      ...{ gateway, limits: requestLimits.options, requestRules: rules.rules, memory, telemetry, access },
      ...{ publishedKeys: internalTokens?.published, extAuthz: extAuthz?.options },
    },
    {
      ...common,
      metrics: telemetry.scrape,
      health: async () => ({ ...(await upstreams.health()), store: shared.health() }),
      status: () => ({
        ...upstreams.status(),
        routes: routeStatus(gateway.routes),
        ...statesOf({ egress, documents: trusted, limits: requestLimits, rules, extAuthz }),
      }),
      overrides: upstreams.overrides,
      registrations: { ...registrations, tokensOf: tokensIn(settings) },
      token: settings.ADMIN_TOKEN,
    },
    await exampleQuery(env),
  );
  const stop = async () => {
    await server.stop();
    closeFiles();
    for (const files of [trusted, requestLimits, rules]) files.close();
    await gateway.stop();
    await Promise.all([upstreams.close(), extAuthz?.close()]);
    secrets.close();
    internalTokens?.close();
    await Promise.all([identity.close(), kubernetes.close(), egress.close(), shared.close()]);
    await closeObservability();
  };
  return { server, stop, drainMs: settings.SHUTDOWN_DELAY_MS + DRAIN_GRACE_MS };
};
