import type { Clock } from '../../core/clock.ts';
import { FairShares } from '../../core/fair-shares.ts';

/** Result for a proof: it was added, it was added before, or there is no room for it. */
export type ProofUse = 'added' | 'used' | 'full';

/** The proofs that were used. */
export interface UsedProofs {
  /**
   * Adds a proof by its key, unless it was added within the last `ttlMs`. `holder` is the user of its token. Never
   * rejects.
   */
  add(key: string, holder: string, ttlMs: number): Promise<ProofUse>;
}

/** Maximum number of proofs. A single user has half of it at most. */
const MAX_PROOFS = 200_000;

interface Used {
  readonly holder: string;
  /** End on the scale of the clock. */
  readonly end: number;
}

/** The used proofs of one process. None is evicted before its end: it could be replayed. Users share the room. */
export class MemoryUsedProofs implements UsedProofs {
  readonly #clock: Clock;
  readonly #shares: FairShares;
  /** In the order of insertion, which is that of their ends. */
  readonly #proofs = new Map<string, Used>();

  constructor(clock: Clock, max = MAX_PROOFS) {
    this.#clock = clock;
    this.#shares = new FairShares(max);
  }

  async add(key: string, holder: string, ttlMs: number): Promise<ProofUse> {
    const now = this.#clock.now();
    this.#forgetEnded(now);
    if (this.#proofs.has(key)) return 'used';
    if (!this.#shares.hasRoom(holder)) return 'full';
    this.#shares.add(holder);
    this.#proofs.set(key, { holder, end: now + ttlMs });
    return 'added';
  }

  #forgetEnded(now: number): void {
    for (const [key, { holder, end }] of this.#proofs) {
      if (end > now) return;
      this.#proofs.delete(key);
      this.#shares.remove(holder);
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
  add: async (key, holder, ttlMs) => {
    const use = await own.add(key, holder, ttlMs);
    if (use !== 'added') return use;
    return (await add(key, ttlMs).catch(() => true)) ? 'added' : 'used';
  },
});
