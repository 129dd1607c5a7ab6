import type { WindowState } from '../limiter.ts';
import type { Rate } from './rate.ts';

/** What happens to a charge while the store is unavailable. */
export const STORE_FAILURES = ['local', 'open', 'closed'] as const;
export type StoreFailure = (typeof STORE_FAILURES)[number];

/** Units of one counter. */
export interface Charge {
  /** Name of the counter. Counters with different rates are different ones, even with equal names. */
  readonly key: string;
  readonly rate: Rate;
  /** Units that must be available. */
  readonly needed: number;
  /** Units that are taken. */
  readonly amount: number;
  /** False to count the charge alone, if its units are available, and to refuse nothing because of it. */
  readonly isEnforced: boolean;
  /** `local`: each gateway counts against its share. `open`: admitted. `closed`: refused. */
  readonly onStoreFailure: StoreFailure;
}

/** One of at most `slots` places that are taken at one time. */
export interface TakenPlace {
  /** Name of the places. */
  readonly key: string;
  readonly slots: number;
  /** Unique name of the request that takes the place. */
  readonly holder: string;
  /** Milliseconds after which the place is free even if it was not returned. */
  readonly ms: number;
  readonly isEnforced: boolean;
  readonly onStoreFailure: StoreFailure;
}

/** Everything that one request takes. */
export interface Demand {
  readonly charges: readonly Charge[];
  readonly places: readonly TakenPlace[];
}

/** State of a counter after a request. */
export interface Charged extends WindowState {
  readonly admitted: boolean;
  /** Milliseconds until the charge may be admitted; 0 if it was, infinite if it never will be. */
  readonly retryMs: number;
  /** True if the charge was refused because the store is unavailable. */
  readonly isUncounted?: boolean;
}

/** Units that are added to a counter later, without a check. Negative ones are returned. */
export type Correction = Pick<Charge, 'key' | 'rate' | 'amount'>;

/** Result of a demand. */
export interface Grant {
  /** In the order of the charges. */
  readonly charges: readonly Charged[];
  /** In the order of the places. `remaining` is the number of free places. */
  readonly places: readonly Charged[];
  /** Corrects counters where they were counted, and returns places. Does not wait, and never throws. */
  settle(corrections: readonly Correction[], returned: readonly TakenPlace[]): void;
}

/** Counts all that a request takes in one step. */
export interface Counters {
  /**
   * Takes every charge and place, or none of them if one that is enforced is refused. Counters in memory decide at once; those
   * in a store may reject.
   */
  take(demand: Demand): Grant | Promise<Grant>;
}

/** Result without a counter. */
export const uncounted = (admitted: boolean): Charged =>
  admitted
    ? { admitted, remaining: Number.POSITIVE_INFINITY, resetMs: 0, retryMs: 0 }
    : { admitted, remaining: 0, resetMs: 1_000, retryMs: 1_000, isUncounted: true };
