import { type Clock, systemClock } from '../clock.ts';
import type { Limiter, OpenLimiter, Quota, Verdict } from './limiter.ts';

export interface MemoryOptions {
  /** Keys counted at a time for one quota. Beyond that, the window that began first is forgotten. Default 100,000. */
  readonly maxKeys?: number;
  /** Default: the system's, which does not jump when the wall clock is set. */
  readonly clock?: Clock;
}

interface Window {
  count: number;
  /** On the clock's scale. */
  readonly until: number;
}

const MAX_KEYS = 100_000;

/**
 * A counter in this process's memory. Not the library's: it measures windows on the wall clock, so that a clock that was put
 * back a day made clients wait for a day, and one that was put forward gave them a new window.
 */
export class MemoryLimiter implements Limiter {
  readonly #quota: Quota;
  readonly #maxKeys: number;
  readonly #clock: Clock;
  /** In the order in which the windows began, which is the order in which they end. */
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

  async consume(key: string): Promise<Verdict> {
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

/** Limiters in this process's memory: several processes admit as many times as much. */
export const memoryLimiters =
  (options: MemoryOptions = {}): OpenLimiter =>
  (quota) =>
    new MemoryLimiter(quota, options);
