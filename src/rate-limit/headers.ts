import type { Left, Quota } from './limiter.ts';

/** State of a quota for the rate limit headers. */
export interface RateLimitStatus {
  /** Printable ASCII without quotes and backslashes. */
  readonly policy: string;
  readonly quota: Quota;
  readonly left: Left;
}

const inSeconds = (ms: number): number => Math.ceil(ms / 1_000);

/** Returns the seconds until the window ends. At least 1: 0 would cause an immediate retry. */
export const retryAfter = ({ resetMs }: Left): number => Math.max(1, inSeconds(resetMs));

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html; names in lower case. */
export const rateLimitHeaders = ({ policy, quota, left }: RateLimitStatus): Readonly<Record<string, string>> => ({
  'ratelimit-policy': `"${policy}";q=${quota.limit};w=${quota.seconds}`,
  ratelimit: `"${policy}";r=${left.remaining};t=${inSeconds(left.resetMs)}`,
});
