import type { Meter } from './meter.ts';

/**
 * A bucket with `burst` tokens, which is refilled continuously with `limit` tokens in `seconds`. State: a time, and the
 * tokens that were missing then. This is the continuous-state leaky bucket (ITU-T I.371, annex A). Units that are added
 * without a check may leave a debt of up to `limit` tokens, which is refilled first.
 */
export const tokenBucket: Meter = (state, now, { limit, seconds, burst }, needed, amount) => {
  const periodMs = seconds * 1_000;
  const tokenMs = periodMs / limit;
  const [at = 0, level = 0] = state ?? [];
  const elapsedMs = now - at;
  // A time that is far ahead is one of before the clock of the store was set back.
  const missing = elapsedMs < -periodMs ? 0 : Math.max(level - Math.max(elapsedMs, 0) / tokenMs, 0);
  const after = Math.min(Math.max(missing + amount, 0), burst + limit);
  return {
    free: burst - missing,
    waitMs: needed > burst ? Number.POSITIVE_INFINITY : Math.max(missing + needed - burst, 0) * tokenMs,
    next: [now, after],
    resetMs: after * tokenMs,
  };
};
