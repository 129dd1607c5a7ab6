import type { Clock } from '../../core/clock.ts';
import { type Place, Queue } from '../../core/linked-queue.ts';
import { counterKey } from '../counters/counter-key.ts';
import type { Charge } from '../counters/counters.ts';

/** Beyond it the one that was added first is forgotten. That resets no limit: its requests are counted again, and refused. */
const MAX_BLOCKED = 100_000;
/** The longest time without another look at the store, in which an operator may have deleted a counter. */
const MOST_MS = 5_000;

interface Blocked {
  readonly name: string;
  /** Times on the clock's scale. */
  readonly until: number;
  readonly retryAt: number;
}

/**
 * Counters that this gateway knows to admit no request for some time. A request for one of them is refused without its body and
 * without the store.
 */
export class BlockedCounters {
  readonly #clock: Clock;
  readonly #blocked = new Map<string, Place<Blocked>>();
  /** The one that was added first in front. V8 would skip the removed entries of the Map one by one. */
  readonly #inOrder = new Queue<Blocked>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#blocked.size === 0;
  }

  /** Notes that a charge was refused, and may be admitted in `retryMs`. */
  add({ key, rate, needed }: Charge, retryMs: number): void {
    // A larger charge says nothing about a request that counts once.
    if (needed > 1 || !Number.isFinite(retryMs)) return;
    const name = counterKey(key, rate);
    const now = this.#clock.now();
    const known = this.#blocked.get(name);
    if (known !== undefined) this.#inOrder.leave(known);
    this.#blocked.delete(name);
    this.#makeRoom(now);
    const blocked = { name, until: now + Math.min(retryMs, MOST_MS), retryAt: now + retryMs };
    this.#blocked.set(name, this.#inOrder.join(blocked));
  }

  /** Forgets those of which the time is over, from the front, and one more if there is no room. */
  #makeRoom(now: number): void {
    for (let first = this.#inOrder.first; first !== undefined; first = this.#inOrder.first) {
      if (first.until > now && this.#blocked.size < MAX_BLOCKED) return;
      this.#inOrder.next();
      this.#blocked.delete(first.name);
    }
  }

  /** True if the charge is known to be refused. */
  has({ key, rate }: Charge): boolean {
    const found = this.#blocked.get(counterKey(key, rate));
    return found !== undefined && found.value.until > this.#clock.now();
  }

  /** Milliseconds until a refused charge may be admitted. */
  retryMs({ key, rate }: Charge): number {
    const { retryAt = 0 } = this.#blocked.get(counterKey(key, rate))?.value ?? {};
    return Math.max(retryAt - this.#clock.now(), 0);
  }
}
