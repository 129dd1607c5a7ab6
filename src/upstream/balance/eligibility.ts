import { type Call, callerOf } from '../call.ts';
import type { Member } from '../endpoints/member.ts';
import type { ActiveOverrides } from '../operations/active-overrides.ts';
import type { Candidate, Eligibility, Level } from './candidate.ts';
import { type EndpointCounts, keepInUse, keptByCap } from './ejection-cap.ts';
import { slowStartFactor } from './slow-start.ts';

/** Returns the eligibility of an endpoint for one call. */
const eligibilityOf = (member: Member, call: Call, overrides: ActiveOverrides, now: number): Eligibility => {
  if (member.draining || overrides.drained(member.address)) return 'drained';
  const held = overrides.circuit(member.address);
  if (held === 'open') return 'held open';
  const caller = callerOf(call);
  if (held === null && member.callerPauses.pausedFor(caller, now) > 0) return 'paused for this caller';
  const admission = member.circuits.admission(call.route, call.idempotent, caller);
  switch (admission) {
    case 'dead':
    case 'paused':
      return admission;
    case 'ejected':
      return member.checked === 'down' ? 'down' : 'ejected';
    case 'admitted':
      if (member.checked === 'down') return 'down';
      if (member.circuits.openSince(call.route) === null) return 'healthy';
      // A call is no probe while an operator holds the circuit closed.
      return held === null ? 'probe' : 'healthy';
    default:
      return admission satisfies never;
  }
};

const isUsable = (eligibility: Eligibility): boolean =>
  eligibility === 'healthy' || eligibility === 'probe' || eligibility === 'kept';

/** Sets the eligibility of every candidate and the counts of every level. Returns true if a circuit ejects any. */
const survey = (levels: readonly Level[], call: Call, overrides: ActiveOverrides, now: number): boolean => {
  let anyEjected = false;
  for (const level of levels) {
    level.size = 0;
    level.usable = 0;
    for (const candidate of level.candidates) {
      candidate.eligibility = eligibilityOf(candidate.member, call, overrides, now);
      if (candidate.eligibility === 'drained') continue;
      level.size += 1;
      if (isUsable(candidate.eligibility)) level.usable += 1;
      else if (candidate.eligibility === 'ejected') anyEjected = true;
    }
  }
  return anyEjected;
};

const tally = (levels: readonly Level[]): EndpointCounts => {
  const counts = { endpoints: 0, usable: 0, ejected: 0, barred: 0 };
  for (const level of levels) {
    counts.endpoints += level.size;
    counts.usable += level.usable;
    for (const { eligibility } of level.candidates)
      if (eligibility === 'ejected') counts.ejected += 1;
      else if (eligibility === 'dead' || eligibility === 'held open' || eligibility === 'paused') counts.barred += 1;
  }
  return counts;
};

/** Sets the eligibility of every candidate for one call, including the ejection cap, and the counts of every level. */
export const evaluateEligibility = (
  levels: readonly Level[],
  call: Call,
  maxEjected: number,
  overrides: ActiveOverrides,
  now: number,
): void => {
  if (!survey(levels, call, overrides, now)) return;
  keepInUse(levels, keptByCap(tally(levels), maxEjected), call.route);
  for (const level of levels) {
    level.usable = 0;
    for (const { eligibility } of level.candidates) if (isUsable(eligibility)) level.usable += 1;
  }
};

/** Limits on the candidates for one choice, beyond health. */
export interface CandidateLimits {
  /** True to include endpoints that are down or ejected. */
  readonly panic: boolean;
  /** True to include endpoints that the call has visited. */
  readonly visited: boolean;
  /** Maximum number of attempts in flight, in addition to each endpoint's own `max`. */
  readonly maxInFlight: number;
}

const mayTake = (
  { member, eligibility }: Candidate,
  { panic, visited, maxInFlight }: CandidateLimits,
  call: Call,
): boolean => {
  if (member.inFlight >= member.endpoint.max || member.inFlight >= maxInFlight) return false;
  if (!isUsable(eligibility) && !(panic && (eligibility === 'ejected' || eligibility === 'down'))) return false;
  return visited || call.visited === undefined || !call.visited.has(member.endpoint);
};

/** Sets the weight of every candidate of a level for this call. Returns the sum. */
export const assignWeights = (
  level: Level,
  limits: CandidateLimits,
  call: Call,
  slowStartMs: number,
  now: number,
): number => {
  let total = 0;
  for (const candidate of level.candidates) {
    candidate.weight = mayTake(candidate, limits, call)
      ? candidate.member.endpoint.weight * slowStartFactor(candidate.member, slowStartMs, now)
      : 0;
    total += candidate.weight;
  }
  return total;
};

/** True if a call to this endpoint overrules checks or circuits. */
export const againstAdvice = ({ eligibility }: Candidate): boolean =>
  eligibility !== 'healthy' && eligibility !== 'probe';
