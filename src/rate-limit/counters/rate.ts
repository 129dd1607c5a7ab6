import type { Quota } from '../limiter.ts';

/** Ways to count against a rate. docs/limits.md compares them. */
export const RATE_ALGORITHMS = ['token-bucket', 'sliding-window', 'fixed-window'] as const;
export type RateAlgorithm = (typeof RATE_ALGORITHMS)[number];

/** `limit` units in `seconds`. */
export interface Rate extends Quota {
  readonly algorithm: RateAlgorithm;
  /** Units that are available at once: the capacity of a bucket; `limit` for windows. */
  readonly burst: number;
}

/** The rate of one of `replicas` equal gateways, at least one unit. */
export const shareOf = (rate: Rate, replicas: number): Rate => ({
  ...rate,
  limit: Math.max(1, Math.floor(rate.limit / replicas)),
  burst: Math.max(1, Math.floor(rate.burst / replicas)),
});
