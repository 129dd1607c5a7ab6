import type { Quota, WindowState } from './limiter.ts';

/** State of a quota for the rate limit headers. */
export interface RateLimitStatus {
  /** Printable ASCII without quotes and backslashes. */
  readonly policy: string;
  readonly quota: Quota;
  readonly window: WindowState;
}

const inSeconds = (ms: number): number => Math.ceil(ms / 1_000);

/** Returns the seconds until the window ends. At least 1: 0 would cause an immediate retry. */
export const retryAfter = ({ resetMs }: WindowState): number => Math.max(1, inSeconds(resetMs));

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html; names in lower case. */
export const rateLimitHeaders = ({ policy, quota, window }: RateLimitStatus): Readonly<Record<string, string>> => ({
  'ratelimit-policy': `"${policy}";q=${quota.limit};w=${quota.seconds}`,
  ratelimit: `"${policy}";r=${window.remaining};t=${inSeconds(window.resetMs)}`,
});
