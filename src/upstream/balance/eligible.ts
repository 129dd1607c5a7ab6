import type { Call } from '../call.ts';
import type { Steering } from '../steering.ts';
import { spare, sparedOf, type Tally } from './ejection-cap.ts';
import { type Fitness, fitnessOf } from './fitness.ts';
import type { Candidate, Level } from './seat.ts';
import { warmth } from './slow-start.ts';

const isUsable = (fitness: Fitness): boolean => fitness === 'fit' || fitness === 'due' || fitness === 'spared';

/** Sets the eligibility of every candidate and the counts of every level. Returns true if a circuit ejects any. */
const survey = (levels: readonly Level[], call: Call, steering: Steering, now: number): boolean => {
  let anyEjected = false;
  for (const level of levels) {
    level.size = 0;
    level.usable = 0;
    for (const candidate of level.candidates) {
      candidate.fitness = fitnessOf(candidate.member, call, steering, now);
      if (candidate.fitness === 'drained') continue;
      level.size += 1;
      if (isUsable(candidate.fitness)) level.usable += 1;
      else if (candidate.fitness === 'ejected') anyEjected = true;
    }
  }
  return anyEjected;
};

const tally = (levels: readonly Level[]): Tally => {
  const counts = { endpoints: 0, usable: 0, ejected: 0, barred: 0 };
  for (const level of levels) {
    counts.endpoints += level.size;
    counts.usable += level.usable;
    for (const { fitness } of level.candidates)
      if (fitness === 'ejected') counts.ejected += 1;
      else if (fitness === 'dead' || fitness === 'held open' || fitness === 'paused') counts.barred += 1;
  }
  return counts;
};

/** Sets the eligibility of every candidate for one call, including the ejection cap, and the counts of every level. */
export const judge = (
  levels: readonly Level[],
  call: Call,
  maxEjected: number,
  steering: Steering,
  now: number,
): void => {
  if (!survey(levels, call, steering, now)) return;
  spare(levels, sparedOf(tally(levels), maxEjected), call.route);
  for (const level of levels) {
    level.usable = 0;
    for (const { fitness } of level.candidates) if (isUsable(fitness)) level.usable += 1;
  }
};

/** Limits on the candidates for one choice, beyond health. */
export interface Invited {
  /** True to include endpoints that are down or ejected. */
  readonly panic: boolean;
  /** True to include endpoints that the call has visited. */
  readonly visited: boolean;
  /** Maximum number of attempts in flight, in addition to each endpoint's own `max`. */
  readonly most: number;
}

const mayTake = ({ member, fitness }: Candidate, { panic, visited, most }: Invited, call: Call): boolean => {
  if (member.inFlight >= member.endpoint.max || member.inFlight >= most) return false;
  if (!isUsable(fitness) && !(panic && (fitness === 'ejected' || fitness === 'down'))) return false;
  return visited || call.visited === undefined || !call.visited.has(member.endpoint);
};

/** Sets the weight of every candidate of a level for this call. Returns the sum. */
export const invite = (level: Level, invited: Invited, call: Call, slowStartMs: number, now: number): number => {
  let total = 0;
  for (const candidate of level.candidates) {
    candidate.weight = mayTake(candidate, invited, call)
      ? candidate.member.endpoint.weight * warmth(candidate.member, slowStartMs, now)
      : 0;
    total += candidate.weight;
  }
  return total;
};

/** True if a call to this endpoint overrules checks or circuits. */
export const againstAdvice = ({ fitness }: Candidate): boolean => fitness !== 'fit' && fitness !== 'due';
