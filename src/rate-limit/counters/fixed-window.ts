import type { Meter } from './meter.ts';

/** A window of `seconds` that begins with the first unit. State: its end, and the units in it. */
export const fixedWindow: Meter = (state, now, { limit, seconds }, needed, amount) => {
  const windowMs = seconds * 1_000;
  const end = state?.[0] ?? 0;
  // Never longer than a window: the clock of the store may have been set back.
  const isOpen = end > now && end <= now + windowMs;
  const until = isOpen ? end : now + windowMs;
  const used = isOpen ? (state?.[1] ?? 0) : 0;
  const room = limit - needed;
  const retryMs = used <= room ? 0 : until - now;
  return {
    free: limit - used,
    waitMs: room < 0 ? Number.POSITIVE_INFINITY : retryMs,
    next: [until, Math.max(used + amount, 0)],
    resetMs: until - now,
  };
};
