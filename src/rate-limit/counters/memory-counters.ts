import { type Clock, systemClock } from '../../core/clock.ts';
import { BoundedCounters, MAX_COUNTERS_OF_RATE } from './bounded-counters.ts';
import type { Charge, Charged, Counters, Demand, Grant, TakenPlace } from './counters.ts';
import type { Measured } from './meter.ts';
import { Places } from './places.ts';
import type { Rate } from './rate.ts';

export interface MemoryCountersOptions {
  /** Maximum number of counters of one rate, as `BoundedCounters` bounds them. Default 100,000. */
  readonly maxKeys?: number;
  /** Default: the monotonic clock of the system. */
  readonly clock?: Clock;
}

const NONE: readonly never[] = [];

/** Tolerance of sums of fractions of units. */
const EPSILON_MS = 1e-6;

const chargedOf = ({ free, waitMs, resetMs }: Measured, amount: number, isTaken: boolean): Charged => ({
  admitted: waitMs <= EPSILON_MS,
  remaining: Math.max(Math.floor(free - (isTaken ? amount : 0) + EPSILON_MS), 0),
  resetMs,
  retryMs: waitMs <= EPSILON_MS ? 0 : waitMs,
});

/** Counters in the memory of this process: other gateways have their own. */
export class MemoryCounters implements Counters {
  readonly #maxKeys: number;
  readonly #clock: Clock;
  readonly #named = new Map<string, BoundedCounters>();
  /** Rates that are one object in all requests need no name. */
  readonly #rates = new WeakMap<Rate, BoundedCounters>();
  readonly #places: Places;

  constructor({ maxKeys = MAX_COUNTERS_OF_RATE, clock = systemClock }: MemoryCountersOptions = {}) {
    this.#maxKeys = maxKeys;
    this.#clock = clock;
    this.#places = new Places(maxKeys);
  }

  /** Number of counters in memory. */
  get size(): number {
    return [...this.#named.values()].reduce((sum, { size }) => sum + size, 0);
  }

  take({ charges, places }: Demand): Grant {
    const now = this.#clock.now();
    const measured = charges.map(({ key, rate, needed, amount }) => this.#of(rate).read(key, now, needed, amount));
    const free = places.length === 0 ? NONE : places.map(({ key, slots }) => this.#places.free(key, slots, now));
    const isRefused =
      charges.some(({ isEnforced }, index) => isEnforced && (measured[index]?.waitMs ?? 0) > EPSILON_MS) ||
      places.some(({ isEnforced }, index) => isEnforced && free[index] === 0);
    return {
      charges: charges.map((charge, index) => this.#charge(charge, measured[index], now, isRefused)),
      places:
        places.length === 0 ? NONE : places.map((place, index) => this.#place(place, free[index] ?? 0, now, isRefused)),
      settle: this.#settle,
    };
  }

  #charge({ key, rate, amount }: Charge, measured: Measured | undefined, now: number, isRefused: boolean): Charged {
    if (measured === undefined) throw new Error('Every charge is measured.');
    const isTaken = !isRefused && measured.waitMs <= EPSILON_MS;
    if (isTaken && amount !== 0) this.#of(rate).write(key, now, measured, amount);
    return chargedOf(measured, amount, isTaken);
  }

  #place({ key, holder, ms }: TakenPlace, free: number, now: number, isRefused: boolean): Charged {
    const isTaken = !isRefused && free > 0;
    if (isTaken) this.#places.take(key, holder, now + ms);
    return {
      admitted: free > 0,
      remaining: Math.max(free - (isTaken ? 1 : 0), 0),
      resetMs: 0,
      retryMs: free > 0 ? 0 : 1_000,
    };
  }

  readonly #settle: Grant['settle'] = (corrections, returned) => {
    const now = this.#clock.now();
    for (const { key, rate, amount } of corrections) {
      const counters = this.#of(rate);
      counters.write(key, now, counters.read(key, now, 0, amount), amount);
    }
    for (const { key, holder } of returned) this.#places.giveBack(key, holder);
  };

  #of(rate: Rate): BoundedCounters {
    const known = this.#rates.get(rate);
    if (known !== undefined) return known;
    const { algorithm, limit, seconds, burst } = rate;
    const name = `${algorithm}:${limit}/${seconds}+${burst}`;
    const counters = this.#named.get(name) ?? new BoundedCounters(rate, this.#maxKeys);
    this.#named.set(name, counters);
    this.#rates.set(rate, counters);
    return counters;
  }
}
