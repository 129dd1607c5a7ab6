/** `limit` requests per fixed window of `seconds`, which starts with the first request. */
export interface Quota {
  readonly limit: number;
  readonly seconds: number;
}

/** State of a window after a request. */
export interface WindowState {
  /** Number of further requests that the window admits. */
  readonly remaining: number;
  /** Milliseconds until the window ends. */
  readonly resetMs: number;
}

/** Result of counting one request. */
export interface LimitResult extends WindowState {
  readonly admitted: boolean;
}

/** Counts requests against one quota, separately for each key. */
export interface Limiter {
  /** Counts one request of this key, admitted or not. Never rejects because of a failed store. */
  consume(key: string): Promise<LimitResult>;
}

/**
 * Creates the limiter of a quota. Limiters of equal quotas may share counters: use different keys to keep them apart.
 */
export type OpenLimiter = (quota: Quota) => Limiter;
