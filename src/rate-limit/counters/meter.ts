import type { Rate } from './rate.ts';

/** State of a counter. Each algorithm gives the numbers a meaning of its own. */
export type CounterState = readonly number[];

/** A counter at one time. Times are in milliseconds. */
export interface Measured {
  /** Units that are available. */
  readonly free: number;
  /** Time until `needed` units are available, if nothing else is counted; infinite for more than the rate ever has. */
  readonly waitMs: number;
  /** State after `amount` further units. */
  readonly next: CounterState;
  /** Time until the counter is as new, from `next` on. Its state is not needed after that. */
  readonly resetMs: number;
}

/**
 * Reads a counter. `needed` units must be available; `amount` of them are taken. A negative amount returns units. The
 * script for Redis computes the same.
 */
export type Meter = (state: CounterState | null, now: number, rate: Rate, needed: number, amount: number) => Measured;
