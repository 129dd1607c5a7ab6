import { type Clock, systemClock } from '../core/clock.ts';
import { BoundedCounters, MAX_COUNTERS_OF_RATE } from './counters/bounded-counters.ts';
import type { Limiter, LimitResult, OpenLimiter, Quota, WindowState } from './limiter.ts';

export interface MemoryOptions {
  /** Maximum number of keys per quota, as `BoundedCounters` bounds them. Default 100,000. */
  readonly maxKeys?: number;
  /** Default: the system's monotonic clock, which is not affected by changes of the wall clock. */
  readonly clock?: Clock;
}

/**
 * Counters in the memory of this process. The library's own limiter uses the wall clock: set back by a day, it would
 * make clients wait for a day; set forward, it would start new windows.
 */
export class MemoryLimiter implements Limiter {
  readonly #clock: Clock;
  readonly #windows: BoundedCounters;

  constructor({ limit, seconds }: Quota, { maxKeys = MAX_COUNTERS_OF_RATE, clock = systemClock }: MemoryOptions = {}) {
    this.#windows = new BoundedCounters({ algorithm: 'fixed-window', limit, seconds, burst: limit }, maxKeys);
    this.#clock = clock;
  }

  /** Number of windows in memory. */
  get size(): number {
    return this.#windows.size;
  }

  async consume(key: string): Promise<LimitResult> {
    const now = this.#clock.now();
    const measured = this.#windows.read(key, now, 1, 1);
    const { free, waitMs, resetMs } = measured;
    if (waitMs > 0) return { admitted: false, remaining: 0, resetMs };
    this.#windows.write(key, now, measured, 1);
    return { admitted: true, remaining: free - 1, resetMs };
  }

  /** Returns the window of a key that admits no further request; null for others. Counts nothing. */
  usedUp(key: string): WindowState | null {
    const { waitMs, resetMs } = this.#windows.read(key, this.#clock.now(), 1, 0);
    return waitMs > 0 ? { remaining: 0, resetMs } : null;
  }
}

/** Creates limiters in the memory of this process. Each process admits the whole quota. */
export const memoryLimiters =
  (options: MemoryOptions = {}): OpenLimiter =>
  (quota) =>
    new MemoryLimiter(quota, options);
