import type { SchemaModule } from '../backend/define/module.ts';
import { type EgressGuard, egressGuard, type RefusedConnection } from '../config/egress/egress-guard.ts';
import { type EgressRefusal, egressRules } from '../config/egress/egress-rules.ts';
import { ownRequests } from '../config/egress/own-requests.ts';
import type { ProxyEntry } from '../config/egress/proxy-list.ts';
import { usualProxies } from '../config/egress/usual-proxies.ts';
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../core/clock.ts';
import { memoryCallCounters } from '../rate-limit/call-counter.ts';
import type { SharedCounters } from '../rate-limit/redis.ts';
import { redisCallCounters } from '../rate-limit/redis-call-counter.ts';
import type { Log } from '../telemetry/log/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { Egress } from '../upstream/egress/egress.ts';
import { carriesLabels, egressSettings } from '../upstream/egress/egress-options.ts';
import { followProxyFile, proxyFileFault, readProxyFile } from '../upstream/egress/proxy-file.ts';
import { type ProxyEvent, ProxyRegistry } from '../upstream/egress/proxy-registry.ts';

type Env = Pick<Settings, 'EGRESS_ALLOW' | 'EGRESS_PROXIES' | 'HTTPS_PROXY' | 'HTTP_PROXY' | 'NO_PROXY'>;

const shownLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}:${value}`)
    .join('+');

/** The proxies at the start; or the problem of their file. */
const listedProxies = ({ EGRESS_PROXIES: source }: Env): readonly ProxyEntry[] | string => {
  if (source === null) return [];
  if (source.by === 'list') return source.proxies;
  try {
    return readProxyFile(source.path);
  } catch (error) {
    return `EGRESS_PROXIES: ${source.path} ${proxyFileFault(error)}`;
  }
};

/** Returns a problem for a file of proxies that cannot be used, and for each upstream that no proxy fits. */
export const egressProblems = (modules: readonly SchemaModule[], settings: Env): readonly string[] => {
  const proxies = listedProxies(settings);
  if (typeof proxies === 'string') return [proxies];
  return modules.flatMap((module) =>
    Object.entries(module.upstreams).flatMap(([name, definition]) => {
      const egress = egressSettings(definition.egress);
      if (egress === undefined || egress === null) return [];
      const site = `egress of ${module.name}.${name}`;
      if (proxies.length === 0)
        return `EGRESS_PROXIES: is required by ${site}: set it to the proxies, or to their file`;
      return proxies.some((proxy) => carriesLabels(proxy, egress.labels))
        ? []
        : `EGRESS_PROXIES: no proxy has the labels ${shownLabels(egress.labels)} of ${site}: add one`;
    }),
  );
};

/** Interval of log lines about the same refused host, and the number of hosts that are remembered. */
const REFUSED_EVERY_MS = 60_000;
const MAX_HOSTS = 100;

/** Counts and logs refused connections. */
const refusalReport = (metrics: Metrics, log: Log, clock: Clock) => {
  const counts: Record<EgressRefusal, number> = { metadata: 0, 'not-listed': 0 };
  const loggedAt = new Map<string, number>();
  const report = ({ host, reason }: RefusedConnection): void => {
    counts[reason] += 1;
    metrics.egressRefused(reason);
    const now = clock.now();
    if (now - (loggedAt.get(host) ?? Number.NEGATIVE_INFINITY) < REFUSED_EVERY_MS) return;
    if (loggedAt.size >= MAX_HOSTS) loggedAt.clear();
    loggedAt.set(host, now);
    log.warn('A connection was refused: the gateway must not call this host. EGRESS_ALLOW decides.', { host, reason });
  };
  return { counts, report };
};

const logProxy =
  (log: Log) =>
  ({ to, ...fields }: ProxyEvent): void => {
    // Half-open is not logged: each failed probe would add two lines.
    if (to !== 'half-open') log.warn(`An egress proxy is ${to}.`, fields);
  };

/** The egress of the gateway, for its composition. */
export interface OpenedEgress extends Egress {
  readonly guard: EgressGuard;
  /** State for operators, without credentials. */
  status(): unknown;
  close(): Promise<void>;
}

/** Opens what outgoing calls pass: the guard, the proxies and the counters of quotas. */
export const openEgress = (
  settings: Env & Pick<Settings, 'RATE_LIMIT_REPLICAS'>,
  redis: SharedCounters | null,
  metrics: Metrics,
  log: Log,
  clock: Clock,
): OpenedEgress => {
  const { EGRESS_PROXIES: source, EGRESS_ALLOW: allow } = settings;
  const refusals = refusalReport(metrics, log, clock);
  const guard = egressGuard(egressRules(allow), { onRefused: refusals.report });
  const usual = usualProxies({ http: settings.HTTP_PROXY, https: settings.HTTPS_PROXY }, settings.NO_PROXY);
  const requests = ownRequests(guard, usual);
  const registry = new ProxyRegistry({ clock, random: Math.random, report: logProxy(log) });
  if (source?.by === 'list') registry.replace(source.proxies);
  const unfollow =
    source?.by === 'file'
      ? followProxyFile(
          source.path,
          clock,
          (proxies) => registry.replace(proxies),
          ({ is, ...fields }) =>
            log.warn(
              is === 'reloaded'
                ? 'The egress proxies were read again from their changed file.'
                : 'The file of the egress proxies cannot be used; the last list stays in use. Correct the file.',
              fields,
            ),
        )
      : null;
  metrics.watchProxies(() => registry.status());
  return {
    guard,
    requests,
    usual,
    proxies: registry,
    openCounter:
      redis === null ? memoryCallCounters(clock) : redisCallCounters(redis, { replicas: settings.RATE_LIMIT_REPLICAS }),
    status: () => ({ allow, refusals: { ...refusals.counts }, proxies: registry.status() }),
    close: async () => {
      unfollow?.();
      await requests.close();
    },
  };
};
