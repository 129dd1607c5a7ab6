import type { Meter } from './meter.ts';

/**
 * A bucket with `burst` tokens, which is refilled continuously with `limit` tokens in `seconds`. State: the time at which
 * it is full. This is the generic cell rate algorithm (ITU-T I.371, annex A), in which that time is the theoretical
 * arrival time.
 */
export const tokenBucket: Meter = (state, now, { limit, seconds, burst }, needed, amount) => {
  const tokenMs = (seconds * 1_000) / limit;
  const emptyMs = burst * tokenMs;
  // Never beyond the time of an empty bucket: the clock of the store may have been set back.
  const missingMs = Math.min(Math.max((state?.[0] ?? now) - now, 0), emptyMs);
  const afterMs = Math.max(missingMs + amount * tokenMs, 0);
  return {
    free: burst - missingMs / tokenMs,
    waitMs: needed > burst ? Number.POSITIVE_INFINITY : Math.max(missingMs + needed * tokenMs - emptyMs, 0),
    next: [now + afterMs],
    resetMs: afterMs,
  };
};
