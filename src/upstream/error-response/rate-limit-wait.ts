import { MAX_PAUSE_MS } from '../outcome.ts';
import { httpDate } from '../retry/retry-after.ts';

type Headers = Readonly<Record<string, string>>;

/** A quota longer than a month is no quota: the value is in another unit, or wrong. */
const MAX_WAIT_S = 31 * 86_400;
/** 2001 in seconds since 1970: a larger number is a time, a smaller one a wait. */
const MIN_EPOCH_S = 1_000_000_000;

/** Prefixes of `Remaining` and `Reset`: drafts of RateLimit up to version 6, the usual ones, and Twitter's. */
const PREFIXES = ['ratelimit', 'x-ratelimit', 'x-rate-limit'] as const;

/** Reads a number from 0; null for anything else. */
const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\s*\d{1,15}(?:\.\d{1,9})?\s*$/.test(text) ? Number(text) : null;

const waitMs = (seconds: number | null): number | null =>
  seconds === null || seconds < 0 || seconds > MAX_WAIT_S ? null : Math.min(seconds * 1_000, MAX_PAUSE_MS);

/** Parameters of an item of a structured list: `"hour";r=0;t=30`, and `remaining=0, reset=30` of earlier drafts. */
const parameterIn = (item: string, ...names: readonly string[]): number | null => {
  for (const name of names) {
    const value = new RegExp(`(?:^|[;,\\s])${name}=(\\d{1,15})(?=$|[;,\\s])`, 'i').exec(item)?.[1];
    if (value !== undefined) return Number(value);
  }
  return null;
};

interface Quota {
  readonly remaining: number | null;
  /** Seconds until the quota is reset; null if unknown. */
  readonly resetS: number | null;
}

const MAX_QUOTAS = 10;

/** Quotas of a `RateLimit` header (draft-ietf-httpapi-ratelimit-headers). */
const listedQuotas = (header = '', policies = ''): readonly Quota[] => {
  if (/\bremaining=/i.test(header))
    return [{ remaining: parameterIn(header, 'remaining'), resetS: parameterIn(header, 'reset') }];
  const policy = new Map(policies.split(',').map((item) => [item.split(';', 1)[0]?.trim(), item]));
  return header
    .split(',')
    .slice(0, MAX_QUOTAS)
    .map((item) => ({
      remaining: parameterIn(item, 'r'),
      // Without a time, the window of the policy is the longest possible wait.
      resetS: parameterIn(item, 't') ?? parameterIn(policy.get(item.split(';', 1)[0]?.trim()) ?? '', 'w'),
    }));
};

/** Seconds until a `Reset`, which is a wait or a time in seconds since 1970; null for a past time. */
const resetIn = (text: string | undefined, headers: Headers, wallNow: number): number | null => {
  const seconds = numberOf(text);
  if (seconds === null || seconds < MIN_EPOCH_S) return seconds;
  const now = httpDate(headers.date?.trim() ?? '', wallNow) ?? wallNow;
  return seconds - now / 1_000;
};

const quotasIn = (headers: Headers, wallNow: number): readonly Quota[] => [
  ...listedQuotas(headers.ratelimit, headers['ratelimit-policy']),
  ...PREFIXES.map((prefix) => ({
    remaining: numberOf(headers[`${prefix}-remaining`]),
    resetS: resetIn(headers[`${prefix}-reset`], headers, wallNow),
  })),
];

/** True if a quota of the caller is used up, by any of the headers of `rateLimitWaitMs`. */
export const isUsedUp = (headers: Headers): boolean => quotasIn(headers, 0).some(({ remaining }) => remaining === 0);

/**
 * The wait that the rate limit headers of an error response state, in milliseconds, at most 300,000; null for none.
 *
 * Reads `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), and `RateLimit-`, `X-RateLimit-` and
 * `X-Rate-Limit-Remaining` and `-Reset`; a reset is a number of seconds, or a time in seconds since 1970. The longest
 * wait of the quotas that are used up counts; without any count of remaining calls, that of the resets. Negative
 * numbers, texts, times in the past and waits of more than 31 days are ignored.
 */
export const rateLimitWaitMs = (headers: Headers, wallNow: number): number | null => {
  const quotas = quotasIn(headers, wallNow);
  const isCounted = quotas.some(({ remaining }) => remaining !== null);
  const waits = quotas
    .filter(({ remaining }) => (isCounted ? remaining === 0 : true))
    .flatMap(({ resetS }) => waitMs(resetS) ?? []);
  return waits.length === 0 ? null : Math.max(...waits);
};

/**
 * The quota with the fewest calls left that these headers state, with the milliseconds until it is reset, 31 days at
 * most; null without one. Headers as for `rateLimitWaitMs`, of any answer.
 */
export const rateLimitState = (
  headers: Headers,
  wallNow: number,
): { readonly remaining: number; readonly resetMs: number } | null => {
  const stated = quotasIn(headers, wallNow).flatMap(({ remaining, resetS }) =>
    remaining === null || resetS === null || resetS < 0 || resetS > MAX_WAIT_S
      ? []
      : { remaining, resetMs: resetS * 1_000 },
  );
  return stated.toSorted((one, other) => one.remaining - other.remaining || other.resetMs - one.resetMs)[0] ?? null;
};
