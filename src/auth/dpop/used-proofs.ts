import type { Clock } from '../../core/clock.ts';

/** The proofs that were used. */
export interface UsedProofs {
  /** Adds a proof by its key. Resolves to false if it was added within the last `ttlMs`. Never rejects. */
  add(key: string, ttlMs: number): Promise<boolean>;
}

/** Maximum number of proofs. The oldest are evicted first. */
const MAX_PROOFS = 100_000;

/** The used proofs of one process. */
export class MemoryUsedProofs implements UsedProofs {
  readonly #clock: Clock;
  readonly #max: number;
  /** Ends on the scale of the clock, by key, in the order of insertion. */
  readonly #ends = new Map<string, number>();

  constructor(clock: Clock, max = MAX_PROOFS) {
    this.#clock = clock;
    this.#max = max;
  }

  async add(key: string, ttlMs: number): Promise<boolean> {
    const now = this.#clock.now();
    if ((this.#ends.get(key) ?? Number.NEGATIVE_INFINITY) > now) return false;
    this.#ends.delete(key);
    this.#evict(now);
    this.#ends.set(key, now + ttlMs);
    return true;
  }

  /** Evicts expired proofs, and the oldest one if there is no room. */
  #evict(now: number): void {
    for (const [key, end] of this.#ends) {
      if (end > now && this.#ends.size < this.#max) return;
      this.#ends.delete(key);
    }
  }
}

/** Adds to the shared store of all replicas. Rejects if the store is not available. */
export type AddShared = (key: string, ttlMs: number) => Promise<boolean>;

/**
 * The used proofs of all replicas. Without the store, a replay is noticed by the same replica only: a proof is bound to its
 * token, method and URL, and is valid for a minute.
 */
export const sharedUsedProofs = (own: UsedProofs, add: AddShared): UsedProofs => ({
  add: async (key, ttlMs) => {
    if (!(await own.add(key, ttlMs))) return false;
    return add(key, ttlMs).catch(() => true);
  },
});
