import type { Call } from '../call.ts';
import type { Steering } from '../steering.ts';
import { spare, sparedOf, type Tally } from './ejection-cap.ts';
import { type Fitness, fitnessOf } from './fitness.ts';
import type { Level, Seat } from './seat.ts';
import { warmth } from './slow-start.ts';

const isUsable = (fitness: Fitness): boolean => fitness === 'fit' || fitness === 'due' || fitness === 'spared';

/** Finds out what every endpoint is good for, and counts again in every level. True where a circuit keeps one out. */
const survey = (levels: readonly Level[], call: Call, steering: Steering, now: number): boolean => {
  let anyEjected = false;
  for (const level of levels) {
    level.size = 0;
    level.usable = 0;
    for (const seat of level.seats) {
      seat.fitness = fitnessOf(seat.member, call, steering, now);
      if (seat.fitness === 'drained') continue;
      level.size += 1;
      if (isUsable(seat.fitness)) level.usable += 1;
      else if (seat.fitness === 'ejected') anyEjected = true;
    }
  }
  return anyEjected;
};

const tally = (levels: readonly Level[]): Tally => {
  const counts = { endpoints: 0, usable: 0, ejected: 0, barred: 0 };
  for (const level of levels) {
    counts.endpoints += level.size;
    counts.usable += level.usable;
    for (const { fitness } of level.seats)
      if (fitness === 'ejected') counts.ejected += 1;
      else if (fitness === 'dead' || fitness === 'held open' || fitness === 'paused') counts.barred += 1;
  }
  return counts;
};

/** Judges every endpoint for one call, and counts in every level how many there are and how many of them may be used. */
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
    for (const { fitness } of level.seats) if (isUsable(fitness)) level.usable += 1;
  }
};

/** Who takes part in a choice beside those that are well. */
export interface Invited {
  /** Those that checks or circuits would keep out, too. */
  readonly panic: boolean;
  /** Those that this call has been to, too. */
  readonly visited: boolean;
  /** With fewer attempts under way than this, whatever their own `max` is. */
  readonly most: number;
}

const mayTake = ({ member, fitness }: Seat, { panic, visited, most }: Invited, call: Call): boolean => {
  if (member.inFlight >= member.endpoint.max || member.inFlight >= most) return false;
  if (!isUsable(fitness) && !(panic && (fitness === 'ejected' || fitness === 'down'))) return false;
  return visited || call.visited === undefined || !call.visited.has(member.endpoint);
};

/** Gives every endpoint of a level the weight with which it takes part in the choice for this call. Returns their sum. */
export const invite = (level: Level, invited: Invited, call: Call, slowStartMs: number, now: number): number => {
  let total = 0;
  for (const seat of level.seats) {
    seat.weight = mayTake(seat, invited, call)
      ? seat.member.endpoint.weight * warmth(seat.member, slowStartMs, now)
      : 0;
    total += seat.weight;
  }
  return total;
};

/** Whether a call that goes there goes against what checks or circuits say. */
export const againstAdvice = ({ fitness }: Seat): boolean => fitness !== 'fit' && fitness !== 'due';
