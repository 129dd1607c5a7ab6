import { type Clock, systemClock } from '../core/clock.ts';
import type { Limiter, LimitResult, OpenLimiter, Quota, WindowState } from './limiter.ts';

export interface MemoryOptions {
  /** Maximum number of keys per quota. Above it, the oldest window is dropped. Default 100,000. */
  readonly maxKeys?: number;
  /** Default: the system's monotonic clock, which is not affected by changes of the wall clock. */
  readonly clock?: Clock;
}

interface Window {
  count: number;
  /** End on the clock's scale, in milliseconds. */
  readonly until: number;
}

const MAX_KEYS = 100_000;

/**
 * Counters in the memory of this process. The library's own limiter uses the wall clock: set back by a day, it would
 * make clients wait for a day; set forward, it would start new windows.
 */
export class MemoryLimiter implements Limiter {
  readonly #quota: Quota;
  readonly #maxKeys: number;
  readonly #clock: Clock;
  /** In order of their start, which is the order of their end. */
  readonly #windows = new Map<string, Window>();

  constructor(quota: Quota, { maxKeys = MAX_KEYS, clock = systemClock }: MemoryOptions = {}) {
    this.#quota = quota;
    this.#maxKeys = maxKeys;
    this.#clock = clock;
  }

  /** Number of windows in memory. */
  get size(): number {
    return this.#windows.size;
  }

  async consume(key: string): Promise<LimitResult> {
    const now = this.#clock.now();
    this.#forgetEnded(now);
    const window = this.#windows.get(key) ?? this.#open(key, now);
    window.count += 1;
    const { limit } = this.#quota;
    return {
      admitted: window.count <= limit,
      remaining: Math.max(limit - window.count, 0),
      resetMs: window.until - now,
    };
  }

  /** Returns the window of a key that admits no further request; null for others. Counts nothing. */
  usedUp(key: string): WindowState | null {
    const window = this.#windows.get(key);
    if (window === undefined || window.count < this.#quota.limit) return null;
    const resetMs = window.until - this.#clock.now();
    return resetMs > 0 ? { remaining: 0, resetMs } : null;
  }

  #forgetEnded(now: number): void {
    for (const [key, { until }] of this.#windows) {
      if (until > now) return;
      this.#windows.delete(key);
    }
  }

  #open(key: string, now: number): Window {
    const [oldest] = this.#windows.keys();
    if (this.#windows.size >= this.#maxKeys && oldest !== undefined) this.#windows.delete(oldest);
    const window = { count: 0, until: now + this.#quota.seconds * 1_000 };
    this.#windows.set(key, window);
    return window;
  }
}

/** Creates limiters in the memory of this process. Each process admits the whole quota. */
export const memoryLimiters =
  (options: MemoryOptions = {}): OpenLimiter =>
  (quota) =>
    new MemoryLimiter(quota, options);
