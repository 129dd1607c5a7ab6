import type { CallCounterSnapshot } from '../../rate-limit/call-counter.ts';
import type { Bulkhead } from '../bulkhead/layer.ts';
import type { CircuitSnapshot } from '../circuit/circuit.ts';
import type { Member } from '../endpoints/member.ts';
import type { Members } from '../endpoints/members.ts';
import type { SourceSnapshot } from '../endpoints/sources/follow-source.ts';
import type { LayerDependencies } from '../events.ts';
import type { BalanceSettings } from '../options.ts';
import type { CallQuota } from '../quota/layer.ts';
import type { QuotaSettings } from '../quota/quota-options.ts';
import type { RetryBudget } from '../retry/budget.ts';
import type { RoutingSnapshot } from '../routing/router.ts';
import type { TlsSnapshot } from '../tls/tls-snapshot.ts';
import type { EventCounts, Recent, RecentEvent } from './recent-events.ts';

/**
 * `up`: accepts calls. `avoided`: failed recently; for some seconds, latency-based balancing prefers others. `down`: by
 * active checks. `open` and `half-open`: by its circuit or an override. `drained`: by an override. `draining`: no
 * longer in the endpoint list.
 */
export const ENDPOINT_STATES = ['up', 'avoided', 'down', 'open', 'half-open', 'drained', 'draining'] as const;

/** State of one endpoint, for operators. */
export interface EndpointStatus {
  readonly address: string;
  readonly state: (typeof ENDPOINT_STATES)[number];
  readonly weight: number;
  readonly priority: number;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Name of the source that listed it, which `discovery` has with its last good list; `list` for the configuration. */
  readonly source: string;
  /** Number of attempts in flight. */
  readonly inFlight: number;
  /** Maximum number of attempts in flight; null for no limit. */
  readonly max: number | null;
  /** Recent and worst latency in milliseconds; null before it was needed. */
  readonly latencyMs: number | null;
  /** Age of its slow start in milliseconds; null with its full share. */
  readonly warmingForMs: number | null;
  readonly circuits: readonly CircuitSnapshot[];
}

/** State of one upstream, for operators. */
export interface UpstreamStatus {
  readonly protocol: 'rest' | 'grpc';
  readonly endpoints: readonly EndpointStatus[];
  readonly calls: {
    readonly inFlight: number;
    readonly waiting: number;
    /** Maximum number of calls in flight at present. */
    readonly limit: number;
  };
  /** Number of further attempts, retries and hedges, left in the budget. */
  readonly retryBudget: number;
  readonly total: EventCounts;
  readonly discovery: readonly SourceSnapshot[];
  /** Null without routes. */
  readonly routing: RoutingSnapshot | null;
  /** Certificates and failed handshakes; null without TLS. */
  readonly tls: TlsSnapshot | null;
  /** Calls left of the provider's quota; null without one. */
  readonly quota: (QuotaSettings & CallCounterSnapshot) | null;
  /** The latest first. */
  readonly recent: readonly RecentEvent[];
}

export interface StatusParts {
  readonly settings: { readonly protocol: 'rest' | 'grpc' };
  readonly balance: Pick<BalanceSettings, 'slowStartMs' | 'policy'>;
  readonly members: Pick<Members, 'current' | 'leaving'>;
  readonly bulkhead: Bulkhead;
  readonly budget: RetryBudget;
  readonly recent: Recent;
  readonly discovery: readonly SourceSnapshot[];
  readonly routing: RoutingSnapshot | null;
  readonly tls: TlsSnapshot | null;
  readonly quota: CallQuota | null;
  readonly dependencies: LayerDependencies;
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

const stateOf = (
  member: Member,
  circuits: readonly CircuitSnapshot[],
  policy: BalanceSettings['policy'],
  { clock, overrides }: LayerDependencies,
): EndpointStatus['state'] => {
  if (member.draining) return 'draining';
  if (overrides.drained(member.address)) return 'drained';
  const held = overrides.circuit(member.address);
  if (held === 'open') return 'open';
  if (member.checked === 'down') return 'down';
  if (held === 'closed') return 'up';
  if (circuits.some(({ state }) => state === 'open')) return 'open';
  if (circuits.some(({ state }) => state === 'half-open')) return 'half-open';
  const avoidsFailures = policy === 'peak-ewma' || policy === 'probing';
  return avoidsFailures && member.latency.penalty(clock.now()) > 0 ? 'avoided' : 'up';
};

const endpointStatus = (
  member: Member,
  { slowStartMs, policy }: StatusParts['balance'],
  dependencies: LayerDependencies,
): EndpointStatus => {
  const { address, endpoint, inFlight, latency, warmingSince } = member;
  const { weight, priority, zone, labels, source, max } = endpoint;
  const circuits = member.circuits.snapshot();
  const now = dependencies.clock.now();
  return {
    address,
    state: stateOf(member, circuits, policy, dependencies),
    weight,
    priority,
    zone,
    labels,
    source,
    inFlight,
    max: Number.isFinite(max) ? max : null,
    latencyMs: latency.measured === null && latency.penalty(now) === 0 ? null : rounded(latency.at(now)),
    warmingForMs: warmingSince === null || now - warmingSince >= slowStartMs ? null : Math.round(now - warmingSince),
    circuits,
  };
};

/**
 * Returns the state of one upstream: calls in flight and recent outcomes. Never contents of calls or identities of
 * callers.
 */
export const statusOf = ({
  settings,
  balance,
  members,
  bulkhead,
  budget,
  recent,
  discovery,
  routing,
  tls,
  quota,
  dependencies,
}: StatusParts): UpstreamStatus => ({
  protocol: settings.protocol,
  endpoints: [...members.current, ...members.leaving].map((member) => endpointStatus(member, balance, dependencies)),
  calls: { inFlight: bulkhead.inFlight(), waiting: bulkhead.waiting(), limit: bulkhead.limit() },
  retryBudget: rounded(budget.balance()),
  total: recent.tally(),
  discovery,
  routing,
  tls,
  quota: quota === null ? null : { ...quota.settings, ...quota.counter.snapshot() },
  recent: recent.events(),
});
