import type { Call } from '../call.ts';
import type { Member } from '../endpoints/member.ts';
import type { LayerDependencies } from '../events.ts';
import type { EndpointLoads } from '../load/endpoint-loads.ts';
import type { BalanceSettings } from '../options.ts';
import type { Aperture } from './aperture.ts';
import { type Candidate, candidateOf, type Level, type Locality, levelsOf } from './candidate.ts';
import { againstAdvice, assignWeights, type CandidateLimits, evaluateEligibility } from './eligibility.ts';
import { noEndpointError } from './no-endpoint-error.ts';
import { fractionOf, hashOf } from './policy/hash.ts';
import { policyOf } from './policy/policy.ts';
import { carriesAll, type Load, spreadByPriority } from './priority.ts';

/**
 * Builds the levels, and rebuilds them after each change of the member list. Candidates of remaining members are
 * reused.
 */
const levelsFrom = (
  members: { readonly current: readonly Member[] },
  own: Locality,
  aperture: Aperture,
): (() => readonly Level[]) => {
  const candidates = new WeakMap<Member, Candidate>();
  let memberList: readonly Member[] | null = null;
  let levels: readonly Level[] = [];
  const candidateFor = (member: Member): Candidate => {
    const candidate = candidates.get(member) ?? candidateOf(member);
    candidates.set(member, candidate);
    return candidate;
  };
  return () => {
    if (members.current !== memberList) {
      memberList = members.current;
      levels = levelsOf(memberList.map(candidateFor), own, aperture);
    }
    return levels;
  };
};

/** Hashed together with a call's affinity to choose its level. */
const LEVEL_SALT = hashOf('level');

/** Index of the level for a number from 0 to 1. */
const levelAt = (loads: readonly Load[], fraction: number): number => {
  let left = fraction;
  for (const [index, { share }] of loads.entries()) {
    left -= share;
    if (left < 0) return index;
  }
  return 0;
};

/** Where the gateway runs, and how it reaches endpoints. */
export interface GatewayPlace extends Locality {
  /** Maximum number of concurrent calls of one endpoint. */
  readonly connections: number;
  /** Place among all replicas of the gateway, from 0 to 1. Default 0. */
  readonly position?: number | undefined;
}

/** Choice among the members of a list. */
export interface EndpointSelection {
  /**
   * @throws UpstreamError SERVICE_UNAVAILABLE if no endpoint can take the call, RATE_LIMITED if all have paused this
   * caller
   */
  select(call: Call, now: number): Candidate;
  /** True if an endpoint can take the call without overruling checks or circuits. */
  hasUsable(call: Call, now: number): boolean;
}

/**
 * Chooses an endpoint for a call.
 *
 * Draws a level by load, then an endpoint of it by the policy. Unvisited endpoints come first, also those of other
 * levels; visited ones are the last resort, and are excluded for a call with `elsewhere`. Among each, endpoints with a
 * free connection come first.
 */
export const selectEndpoint = (
  members: { readonly current: readonly Member[] },
  settings: BalanceSettings,
  { random, report, overrides }: LayerDependencies,
  own: GatewayPlace,
  loads: EndpointLoads,
): EndpointSelection => {
  const { connections } = own;
  const { policy, maxEjected, overprovisioning, slowStartMs, aperture = Number.POSITIVE_INFINITY } = settings;
  const levelsNow = levelsFrom(members, own, { size: aperture, position: own.position ?? 0 });
  const choose = policyOf(policy, random, loads);
  const isSticky = typeof policy === 'object';

  const fraction = ({ affinity }: Call): number =>
    isSticky && affinity !== undefined && affinity !== null ? fractionOf(hashOf(affinity), LEVEL_SALT) : random();

  const preferences = [false, true].flatMap((visited) =>
    connections < Number.POSITIVE_INFINITY
      ? [
          { visited, maxInFlight: connections },
          { visited, maxInFlight: Number.POSITIVE_INFINITY },
        ]
      : { visited, maxInFlight: connections },
  );

  /** Starts with the drawn level and continues with the following ones. */
  const within = (
    levels: readonly Level[],
    loads: readonly Load[] | null,
    drawn: number,
    range: Pick<CandidateLimits, 'visited' | 'maxInFlight'>,
    call: Call,
    now: number,
  ): Candidate | null => {
    for (let step = 0; step < levels.length; step++) {
      const index = (drawn + step) % levels.length;
      const level = levels[index];
      if (level === undefined) continue;
      const panic = loads?.[index]?.panic ?? false;
      const total = assignWeights(level, { panic, ...range }, call, slowStartMs, now);
      const candidate = total === 0 ? null : choose({ level, total, panic, call, now });
      if (candidate !== null) return candidate;
    }
    return null;
  };

  const anywhere = (
    levels: readonly Level[],
    loads: readonly Load[] | null,
    call: Call,
    now: number,
  ): Candidate | null => {
    const drawn = loads === null ? 0 : levelAt(loads, fraction(call));
    for (const range of preferences) {
      if (range.visited && call.elsewhere === true) break;
      const candidate = within(levels, loads, drawn, range, call, now);
      if (candidate !== null) return candidate;
    }
    return null;
  };

  const hasUsable = (call: Call, now: number): boolean => {
    const levels = levelsNow();
    evaluateEligibility(levels, call, maxEjected, overrides, now);
    return levels.some(({ candidates }) => candidates.some((candidate) => !againstAdvice(candidate)));
  };

  const select = (call: Call, now: number): Candidate => {
    const levels = levelsNow();
    evaluateEligibility(levels, call, maxEjected, overrides, now);
    const [first] = levels;
    const loads =
      first === undefined || carriesAll(first, overprovisioning) ? null : spreadByPriority(levels, settings);
    const candidate = anywhere(levels, loads, call, now);
    if (candidate !== null) return candidate;
    report({ is: 'refusal', route: call.route, reason: 'no-endpoint' });
    throw noEndpointError(levels, call, now);
  };

  return { select, hasUsable };
};
