import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { counting } from './counting.ts';
import type { OpenLimiter, Quota } from './limiter.ts';

export interface MemoryOptions {
  /** Keys counted at a time for one quota; beyond that the window that began first is forgotten. Default 100,000. */
  readonly maxKeys?: number;
}

const MAX_KEYS = 100_000;

/** The library's counter in this process's memory, which by itself keeps every key until its window ends. */
export class BoundedMemory extends RateLimiterMemory {
  /** In the order in which their windows began. */
  readonly #keys = new Set<string>();
  readonly #maxKeys: number;

  constructor({ limit, seconds }: Quota, { maxKeys = MAX_KEYS }: MemoryOptions = {}) {
    super({ points: limit, duration: seconds });
    this.#maxKeys = maxKeys;
  }

  /** How many keys it remembers, those whose windows have ended included. */
  get size(): number {
    return this.#keys.size;
  }

  override async consume(key: string, points = 1): Promise<RateLimiterRes> {
    const counted = super.consume(key, points);
    const { isFirstInDuration } = await counted.catch((refused: RateLimiterRes) => refused);
    if (isFirstInDuration) await this.#began(key);
    return counted;
  }

  async #began(key: string): Promise<void> {
    this.#keys.delete(key);
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size <= this.#maxKeys || oldest === undefined) return;
    this.#keys.delete(oldest);
    await super.delete(oldest);
  }
}

/** Limiters in this process's memory: several processes admit as many times as much. */
export const memoryLimiters =
  (options: MemoryOptions = {}): OpenLimiter =>
  (quota) =>
    counting(new BoundedMemory(quota, options));
