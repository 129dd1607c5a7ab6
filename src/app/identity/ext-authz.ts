import type { Env, RequiredVariable, Settings } from '../../config/settings.ts';
import type { Clock } from '../../core/clock.ts';
import { cachedDecisions } from '../../http/ext-authz/decision-cache.ts';
import type { ExternalAuthorizationOptions } from '../../http/ext-authz/external-authorization.ts';
import { grpcAuthorization } from '../../http/ext-authz/grpc-service.ts';
import { httpAuthorization, SERVICE } from '../../http/ext-authz/http-service.ts';
import type { Log } from '../../telemetry/log/log.ts';
import type { Metrics } from '../../telemetry/metrics/metrics.ts';
import { type EndpointEntry, parseEndpoints } from '../../upstream/endpoints/endpoint-list.ts';
import { connectUpstream, type Upstream, type UpstreamDependencies } from '../../upstream/upstream.ts';
import { reportUpstreams } from '../report.ts';

const VARIABLE = 'EXT_AUTHZ';

type AuthzSettings = Pick<Settings, Extract<keyof Settings, `EXT_AUTHZ${string}` | 'ZONE' | 'REGION'>>;

/** The endpoints of the authorisation service; null without one. */
export interface ReadExtAuthz {
  readonly service: { readonly protocol: 'rest' | 'grpc'; readonly entries: readonly EndpointEntry[] } | null;
  readonly problems: readonly string[];
}

const protocolOf = (text: string): 'rest' | 'grpc' => (/^\s*(?:[a-z]+\+)?grpcs?:/i.test(text) ? 'grpc' : 'rest');

/** Variables that are without effect if there is no service. */
const effectless = ({ EXT_AUTHZ_CLAIMS, EXT_AUTHZ_ANSWER_HEADERS }: AuthzSettings): readonly string[] =>
  [
    EXT_AUTHZ_CLAIMS.size > 0 ? 'EXT_AUTHZ_CLAIMS' : '',
    EXT_AUTHZ_ANSWER_HEADERS.length > 0 ? 'EXT_AUTHZ_ANSWER_HEADERS' : '',
  ]
    .filter((name) => name !== '')
    .map(
      (name) => `${name}: has no effect without EXT_AUTHZ: set that to the endpoints of the service, or remove ${name}`,
    );

/** Headers that are declared as the client's and as the service's. */
const ambiguous = ({
  EXT_AUTHZ_HEADERS,
  EXT_AUTHZ_ANSWER_HEADERS,
  EXT_AUTHZ_CLAIMS,
}: AuthzSettings): readonly string[] => {
  const ofService = new Set([...EXT_AUTHZ_ANSWER_HEADERS, ...EXT_AUTHZ_CLAIMS.values()]);
  return EXT_AUTHZ_HEADERS.filter((name) => ofService.has(name)).map(
    (name) => `EXT_AUTHZ_HEADERS: must not have ${name}, which is a header of the service: remove it from one of both`,
  );
};

/** Returns the variable with the endpoints of the authorisation service, if it is set, to be read with all others. */
export const extAuthzVariable = (env: Env): readonly RequiredVariable<readonly EndpointEntry[]>[] =>
  (env[VARIABLE] ?? '').trim() === ''
    ? []
    : [{ variable: VARIABLE, parse: (text) => parseEndpoints(text, protocolOf(text)), fix: 'set it to endpoints' }];

/** Returns the authorisation service of these settings, with the endpoints that were read. */
export const readExtAuthz = (
  settings: AuthzSettings,
  required: ReadonlyMap<string, readonly EndpointEntry[]>,
): ReadExtAuthz => {
  const { EXT_AUTHZ: text } = settings;
  const entries = required.get(VARIABLE);
  if (text === null || entries === undefined) return { service: null, problems: effectless(settings) };
  return { service: { protocol: protocolOf(text), entries }, problems: ambiguous(settings) };
};

/** The connected authorisation service. */
export interface ExtAuthz {
  readonly options: ExternalAuthorizationOptions;
  readonly status: Upstream['status'];
  readonly close: Upstream['close'];
}

export interface ExtAuthzDependencies extends UpstreamDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Bodies of the service are not used; a longer one is no decision. */
const MAX_ANSWER_BYTES = 65_536;

/** Time between two warnings about failed checks, in milliseconds. */
const WARNING_MS = 60_000;

const seldomWarned = (clock: Clock, log: Pick<Log, 'warn'>) => {
  let last = Number.NEGATIVE_INFINITY;
  return (error: unknown): void => {
    if (clock.now() - last < WARNING_MS) return;
    last = clock.now();
    log.warn('The authorisation service has not decided about a request, which was refused.', {
      reason: error instanceof Error ? error.message : 'unknown',
    });
  };
};

/** Connects the authorisation service; null without one. */
export const openExtAuthz = (
  settings: AuthzSettings,
  { service }: ReadExtAuthz,
  { log, metrics, ...dependencies }: ExtAuthzDependencies,
): ExtAuthz | null => {
  if (service === null) return null;
  const { protocol, entries } = service;
  const { EXT_AUTHZ_TIMEOUT_MS: timeoutMs, EXT_AUTHZ_CACHE_MS: cacheMs } = settings;
  const report = reportUpstreams(metrics, log);
  const upstream = connectUpstream(
    {
      ...{ name: SERVICE, protocol, sources: entries },
      check: protocol === 'grpc' ? { by: 'grpc' } : { by: 'connecting' },
      // A replica that hangs leaves time for another attempt.
      traffic: { timeoutMs: Math.ceil(timeoutMs / 2), maxResponseBytes: MAX_ANSWER_BYTES },
    },
    { ...dependencies, zone: settings.ZONE, region: settings.REGION, report: (event) => report(SERVICE, event) },
  );
  // The path of the endpoints is that of the check; without one it is the root.
  const target = entries.some((entry) => 'endpoint' in entry && entry.endpoint.url.pathname !== '/') ? '' : '/';
  const connected = protocol === 'grpc' ? grpcAuthorization(upstream.send) : httpAuthorization(upstream.send, target);
  return {
    status: upstream.status,
    close: upstream.close,
    options: {
      service: cachedDecisions(connected, cacheMs, dependencies.clock),
      clock: dependencies.clock,
      timeoutMs,
      sent: settings.EXT_AUTHZ_HEADERS,
      supplied: settings.EXT_AUTHZ_ANSWER_HEADERS,
      claims: settings.EXT_AUTHZ_CLAIMS,
      denied: settings.EXT_AUTHZ_DENIED_HEADERS,
      failed: seldomWarned(dependencies.clock, log),
    },
  };
};
