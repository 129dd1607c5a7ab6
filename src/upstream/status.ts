import type { CircuitSnapshot } from './circuits.ts';
import type { DiscoverySnapshot } from './discovery/dns.ts';
import type { Tools } from './events.ts';
import type { Bulkhead } from './limit/bulkhead.ts';
import type { Member } from './member.ts';
import type { Members } from './members.ts';
import type { Recent, RecentEvent, Tally } from './recent.ts';
import type { RetryBudget } from './retry/budget.ts';
import type { BalanceSettings } from './traffic.ts';

/**
 * `up` takes calls. `avoided` has failed of late: where latency decides, calls go elsewhere while they can, for some seconds. `down` by
 * active checks; `open` and `half-open` by its circuit, or held open; `drained` by an operator; `draining` because it is no longer among
 * the endpoints.
 */
export const ENDPOINT_STATES = ['up', 'avoided', 'down', 'open', 'half-open', 'drained', 'draining'] as const;

/** One endpoint as operators see it. */
export interface EndpointStatus {
  readonly address: string;
  readonly state: (typeof ENDPOINT_STATES)[number];
  readonly weight: number;
  readonly priority: number;
  readonly zone: string;
  /** Attempts under way. */
  readonly inFlight: number;
  /** The most of them at one time; null for no limit. */
  readonly max: number | null;
  /** How long answers take, of late and at worst; null where none was needed yet. */
  readonly latencyMs: number | null;
  /** For how long it has been given its share slowly, in milliseconds; null where it has its full share. */
  readonly warmingForMs: number | null;
  readonly circuits: readonly CircuitSnapshot[];
}

/** One upstream as operators see it. */
export interface UpstreamStatus {
  readonly protocol: 'rest' | 'grpc';
  readonly endpoints: readonly EndpointStatus[];
  readonly calls: {
    readonly inFlight: number;
    readonly waiting: number;
    /** How many may be under way now. */
    readonly limit: number;
  };
  /** Further attempts, retries and hedges alike, that are left now. */
  readonly retryBudget: number;
  readonly total: Tally;
  readonly discovery: readonly DiscoverySnapshot[];
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
  readonly discovery: readonly DiscoverySnapshot[];
  readonly tools: Tools;
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

const stateOf = (
  member: Member,
  circuits: readonly CircuitSnapshot[],
  policy: BalanceSettings['policy'],
  { clock, steering }: Tools,
): EndpointStatus['state'] => {
  if (member.draining) return 'draining';
  if (steering.drained(member.address)) return 'drained';
  const held = steering.circuit(member.address);
  if (held === 'open') return 'open';
  if (member.checked === 'down') return 'down';
  if (held === 'closed') return 'up';
  if (circuits.some(({ state }) => state === 'open')) return 'open';
  if (circuits.some(({ state }) => state === 'half-open')) return 'half-open';
  return policy === 'peak-ewma' && member.latency.penalty(clock.now()) > 0 ? 'avoided' : 'up';
};

const endpointStatus = (
  member: Member,
  { slowStartMs, policy }: StatusParts['balance'],
  tools: Tools,
): EndpointStatus => {
  const { address, endpoint, inFlight, latency, warmingSince } = member;
  const { weight, priority, zone, max } = endpoint;
  const circuits = member.circuits.snapshot();
  const now = tools.clock.now();
  return {
    address,
    state: stateOf(member, circuits, policy, tools),
    weight,
    priority,
    zone,
    inFlight,
    max: Number.isFinite(max) ? max : null,
    latencyMs: latency.measured === null && latency.penalty(now) === 0 ? null : rounded(latency.at(now)),
    warmingForMs: warmingSince === null || now - warmingSince >= slowStartMs ? null : Math.round(now - warmingSince),
    circuits,
  };
};

/** What is under way in one upstream, and how it has gone of late. Never what was asked, or by whom. */
export const statusOf = ({
  settings,
  balance,
  members,
  bulkhead,
  budget,
  recent,
  discovery,
  tools,
}: StatusParts): UpstreamStatus => ({
  protocol: settings.protocol,
  endpoints: [...members.current, ...members.leaving].map((member) => endpointStatus(member, balance, tools)),
  calls: { inFlight: bulkhead.inFlight(), waiting: bulkhead.waiting(), limit: bulkhead.limit() },
  retryBudget: rounded(budget.balance()),
  total: recent.tally(),
  discovery,
  recent: recent.events(),
});
