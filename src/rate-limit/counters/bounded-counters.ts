import { type Place, Queue } from '../../core/linked-queue.ts';
import type { CounterState, Measured } from './meter.ts';
import { METERS } from './meters.ts';
import type { Rate } from './rate.ts';

/** Default for the maximum number of counters of one rate. */
export const MAX_COUNTERS_OF_RATE = 100_000;

/** Parts of the units of a rate. Counters are dropped from the lowest part that has one. */
const LEVELS = 8;

/** A state, and the time from which it is not needed. */
interface Counted {
  readonly state: CounterState;
  readonly until: number;
}

interface Counter extends Counted {
  readonly key: string;
  readonly level: Queue<Counter>;
}

/**
 * Counters of one rate, at most `maxKeys`. A caller can choose keys, so that a bound that drops any counter would reset limits.
 * Beyond the bound one of the counters with the fewest units is dropped, and a key without a counter begins with as many units
 * as a dropped counter had: no key ever has fewer units than were counted for it. This is the Space-Saving algorithm (Metwally,
 * Agrawal and El Abbadi, 2005), with eight levels in place of a sorted list.
 */
export class BoundedCounters {
  readonly #rate: Rate;
  readonly #maxKeys: number;
  readonly #counters = new Map<string, Place<Counter>>();
  /** In each, the counter that was not used for the longest time is first. V8 skips the removed entries of a Map one by one. */
  readonly #levels: readonly Queue<Counter>[];
  readonly #lowest = new Queue<Counter>();
  /** Counter of the keys that have none of their own: at least that of every dropped one. Null if none was dropped. */
  #dropped: Counted | null = null;

  constructor(rate: Rate, maxKeys: number) {
    this.#rate = rate;
    this.#maxKeys = maxKeys;
    this.#levels = [this.#lowest, ...Array.from({ length: LEVELS - 1 }, () => new Queue<Counter>())];
  }

  get size(): number {
    return this.#counters.size;
  }

  read(key: string, now: number, needed: number, amount: number): Measured {
    return this.#measured((this.#counters.get(key)?.value ?? this.#dropped)?.state ?? null, now, needed, amount);
  }

  /** Sets the state of a key to that after the `amount` for which it was read. */
  write(key: string, now: number, { free, resetMs, next }: Measured, amount: number): void {
    const known = this.#counters.get(key);
    known?.value.level.leave(known);
    if (resetMs <= 0) {
      this.#counters.delete(key);
      return;
    }
    if (known === undefined) this.#makeRoom(now);
    const level = this.#levelOf(free - amount);
    this.#counters.set(key, level.join({ key, state: next, until: now + resetMs, level }));
  }

  #measured(state: CounterState | null, now: number, needed: number, amount: number): Measured {
    return METERS[this.#rate.algorithm](state, now, this.#rate, needed, amount);
  }

  #levelOf(free: number): Queue<Counter> {
    const { burst } = this.#rate;
    const level = Math.min(Math.max(Math.floor(((burst - free) / burst) * LEVELS), 0), LEVELS - 1);
    return this.#levels[level] ?? this.#lowest;
  }

  /** Drops the counters that have ended, from the front of each level, and one more if there is no room. */
  #makeRoom(now: number): void {
    for (const level of this.#levels)
      for (let counter = level.first; counter !== undefined && counter.until <= now; counter = level.first)
        this.#removeFirst(counter);
    if (this.#counters.size < this.#maxKeys) return;
    const least = this.#levels.find(({ size }) => size > 0)?.first;
    if (least === undefined) return;
    this.#dropped = this.#withDropped(least.state, now);
    this.#removeFirst(least);
  }

  #removeFirst({ key, level }: Counter): void {
    level.next();
    this.#counters.delete(key);
  }

  /** Returns a counter with at least the units of a state and of the dropped ones, which leave no earlier than those of either. */
  #withDropped(state: CounterState, now: number): Counted {
    const { next, resetMs } = this.#measured(state, now, 0, 0);
    const dropped = this.#dropped;
    if (dropped === null || dropped.until <= now) return { state: next, until: now + resetMs };
    const { next: others } = this.#measured(dropped.state, now, 0, 0);
    const largest = next.map((value, index) => Math.max(value, others[index] ?? 0));
    return { state: largest, until: now + this.#measured(largest, now, 0, 0).resetMs };
  }
}
