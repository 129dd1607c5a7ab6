import type { Left, Quota } from './limiter.ts';

/** How a quota that was counted against is told to the client. */
export interface Told {
  /** Of printable ASCII, without quotes and backslashes. */
  readonly policy: string;
  readonly quota: Quota;
  readonly left: Left;
}

const inSeconds = (ms: number): number => Math.ceil(ms / 1_000);

/** After how many seconds there is room again: never 0, which would ask for a repetition at once. */
export const retryAfter = ({ resetMs }: Left): number => Math.max(1, inSeconds(resetMs));

/** https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.html; names in lower case. */
export const rateLimitHeaders = ({ policy, quota, left }: Told): Readonly<Record<string, string>> => ({
  'ratelimit-policy': `"${policy}";q=${quota.limit};w=${quota.seconds}`,
  ratelimit: `"${policy}";r=${left.remaining};t=${inSeconds(left.resetMs)}`,
});
