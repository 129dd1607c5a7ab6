/** So many in so many seconds. A window begins with the first, and ends for all of them together. */
export interface Quota {
  readonly limit: number;
  readonly seconds: number;
}

/** What is left of a window. */
export interface Left {
  /** How many more it admits. */
  readonly remaining: number;
  /** Until it ends. */
  readonly resetMs: number;
}

export interface Verdict extends Left {
  readonly admitted: boolean;
}

/** Counts against one quota, each key by itself. */
export interface Limiter {
  /** Counts one for this key, admitted or not. Never rejects because a store failed. */
  consume(key: string): Promise<Verdict>;
}

/** Opens the limiter of a quota. Two of the same quota may count together: what must not share, has keys that differ. */
export type OpenLimiter = (quota: Quota) => Limiter;
