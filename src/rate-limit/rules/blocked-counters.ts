import type { Clock } from '../../core/clock.ts';
import { counterKey } from '../counters/counter-key.ts';
import type { Charge } from '../counters/counters.ts';

const MAX_BLOCKED = 100_000;

/**
 * Counters that this gateway knows to admit no request for some time. A request for one of them is refused without its body and
 * without the store.
 */
export class BlockedCounters {
  readonly #clock: Clock;
  /** Time until which each counter is blocked, the one that was blocked first in front. */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#until.size === 0;
  }

  /** Notes that a charge was refused, and may be admitted in `retryMs`. */
  block({ key, rate, needed }: Charge, retryMs: number): void {
    // A larger charge says nothing about a request that counts once.
    if (needed > 1 || !Number.isFinite(retryMs)) return;
    const name = counterKey(key, rate);
    const now = this.#clock.now();
    this.#until.delete(name);
    for (const [known, until] of this.#until) {
      if (until > now && this.#until.size < MAX_BLOCKED) break;
      this.#until.delete(known);
    }
    this.#until.set(name, now + retryMs);
  }

  /** Returns the milliseconds for which a charge is refused; 0 if that is not known. */
  blockedMs({ key, rate }: Charge): number {
    return Math.max((this.#until.get(counterKey(key, rate)) ?? 0) - this.#clock.now(), 0);
  }
}
