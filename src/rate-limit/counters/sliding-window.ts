import type { Meter } from './meter.ts';

/**
 * A window that ends now. State: the number of the current period of `seconds`, and the units of the one before it and of
 * the current one. Units of the period before count by the share of it that is in the window, as if they were spread
 * evenly.
 */
export const slidingWindow: Meter = (state, now, { limit, seconds }, needed, amount) => {
  const periodMs = seconds * 1_000;
  const period = Math.floor(now / periodMs);
  const elapsedMs = now - period * periodMs;
  const [counted = 0, before = 0, current = 0] = state ?? [];
  const [previous, own] = counted === period ? [before, current] : counted === period - 1 ? [current, 0] : [0, 0];
  const used = previous * (1 - elapsedMs / periodMs) + own;

  const waitMs = (): number => {
    const room = limit - needed;
    if (room < 0) return Number.POSITIVE_INFINITY;
    if (used <= room) return 0;
    // The units of the period before leave the window evenly.
    if (own <= room) return periodMs * (1 - (room - own) / previous) - elapsedMs;
    return periodMs - elapsedMs + periodMs * (1 - room / own);
  };
  // Returned units may have been counted in the period before.
  const left = own + amount;
  const next = [period, Math.max(previous + Math.min(left, 0), 0), Math.max(left, 0)];
  return { free: limit - used, waitMs: waitMs(), next, resetMs: (left > 0 ? 2 : 1) * periodMs - elapsedMs };
};
