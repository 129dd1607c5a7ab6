import { type Clock, systemClock } from '../core/clock.ts';
import type { Quota } from './limiter.ts';

/** Result of counting one call. */
export type Taken =
  /** `ordinal` is the number of the call among all that were counted; a correction refers to it. */
  | { readonly admitted: true; readonly ordinal: number }
  /** `retryMs` is the time until a call may be admitted. */
  | { readonly admitted: false; readonly retryMs: number };

/** What the provider of an API states about its own quota in an answer. */
export interface ProviderState {
  /** Ordinal of the answered call. */
  readonly ordinal: number;
  /** Number of further calls that the provider admits. */
  readonly remaining: number;
  /** Milliseconds until it admits more. */
  readonly resetMs: number;
}

/** State of a counter, for operators. */
export interface CallCounterSnapshot {
  /** Number of calls left, as of the last one. */
  readonly remaining: number;
  /** Milliseconds until a refused call may be repeated; null unless calls are refused. */
  readonly refusesForMs: number | null;
}

/**
 * Counts calls against a quota that holds for every period of `seconds`, whenever it begins. Not as `Limiter`, which
 * admits twice the limit around the end of its window: the provider of an API counts in windows of its own.
 */
export interface CallCounter {
  /** Counts one call if it is admitted. Never rejects because of a failed store. */
  take(): Promise<Taken>;
  /** Corrects the count by what the provider states. The answer to the latest call counts. */
  correct(state: ProviderState): void;
  snapshot(): CallCounterSnapshot;
}

/** Creates the counter of a quota. Gateways with one store share the counters of equal names. */
export type OpenCallCounter = (quota: Quota, name: string) => CallCounter;

/** Parts of a period. Calls are counted by the part in which they were admitted. */
const PARTS = 60;

/**
 * Number of parts after its own for which a call counts. With one more than the period has, calls of different periods
 * are a part of the period apart: they do not all take the same time to the provider.
 */
export const COUNTED_PARTS = PARTS + 1;

export const partMs = ({ seconds }: Quota): number => (seconds * 1_000) / PARTS;

/** The provider's statement, with its end on the clock's scale. */
interface Stated extends Omit<ProviderState, 'resetMs'> {
  readonly until: number;
}

/** A counter in the memory of this process. */
export class MemoryCallCounter implements CallCounter {
  readonly #quota: Quota;
  readonly #clock: Clock;
  /** Calls by the number of their part, the oldest first. */
  readonly #parts = new Map<number, number>();
  #sum = 0;
  #total = 0;
  #stated: Stated | null = null;

  constructor(quota: Quota, clock: Clock = systemClock) {
    this.#quota = quota;
    this.#clock = clock;
  }

  async take(): Promise<Taken> {
    const now = this.#clock.now();
    const retryMs = this.#refusedFor(now);
    if (retryMs > 0) return { admitted: false, retryMs };
    this.add();
    return { admitted: true, ordinal: this.#total };
  }

  /** Counts a call that was admitted elsewhere. */
  add(): void {
    const part = Math.floor(this.#clock.now() / partMs(this.#quota));
    this.#parts.set(part, (this.#parts.get(part) ?? 0) + 1);
    this.#sum += 1;
    this.#total += 1;
  }

  correct({ ordinal, remaining, resetMs }: ProviderState): void {
    const now = this.#clock.now();
    const stated = this.#stated;
    if (stated !== null && now < stated.until && ordinal < stated.ordinal) return;
    this.#stated = { ordinal: Math.min(ordinal, this.#total), remaining, until: now + resetMs };
  }

  snapshot(): CallCounterSnapshot {
    const now = this.#clock.now();
    const refusesForMs = this.#refusedFor(now);
    const left = Math.min(this.#quota.limit - this.#sum, this.#leftOfProvider(now));
    return { remaining: Math.max(0, left), refusesForMs: refusesForMs > 0 ? Math.ceil(refusesForMs) : null };
  }

  #leftOfProvider(now: number): number {
    const stated = this.#stated;
    if (stated === null || now >= stated.until) return Number.POSITIVE_INFINITY;
    // The provider had not counted the calls after the answered one.
    return stated.remaining - (this.#total - stated.ordinal);
  }

  /** Milliseconds until a call is admitted; 0 for now. */
  #refusedFor(now: number): number {
    const size = partMs(this.#quota);
    const oldest = Math.floor(now / size) - COUNTED_PARTS;
    for (const [part, count] of this.#parts) {
      if (part >= oldest) break;
      this.#parts.delete(part);
      this.#sum -= count;
    }
    const [first = 0] = this.#parts.keys();
    const own = this.#sum < this.#quota.limit ? 0 : (first + COUNTED_PARTS + 1) * size - now;
    const provider = this.#leftOfProvider(now) > 0 || this.#stated === null ? 0 : this.#stated.until - now;
    return Math.max(own, provider);
  }
}

/** Counters in the memory of this process: other gateways have their own. */
export const memoryCallCounters =
  (clock: Clock = systemClock): OpenCallCounter =>
  (quota) =>
    new MemoryCallCounter(quota, clock);
