import type { Seat } from './seat.ts';

/**
 * Draws a candidate by weight, never `except`. `total` is the sum of the weights without `except`. Null without
 * candidates.
 */
export const draw = (seats: readonly Seat[], total: number, random: () => number, except: Seat | null): Seat | null => {
  let left = random() * total;
  let drawn: Seat | null = null;
  for (const seat of seats) {
    if (seat.weight === 0 || seat === except) continue;
    drawn = seat;
    left -= seat.weight;
    if (left < 0) break;
  }
  return drawn;
};
