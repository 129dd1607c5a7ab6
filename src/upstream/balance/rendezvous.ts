import { fractionOf } from './hash.ts';
import type { Seat } from './seat.ts';

/**
 * Chooses the endpoint of a hash: weighted rendezvous hashing (Thaler and Ravishankar's highest random weight; `-weight
 * / ln(h)` shares by weight). Removing an endpoint moves only its own hashes.
 */
export const rendezvous = (seats: readonly Seat[], hash: number): Seat | null => {
  let chosen: Seat | null = null;
  let highest = 0;
  for (const seat of seats) {
    if (seat.weight === 0) continue;
    const score = -seat.weight / Math.log(fractionOf(seat.hash, hash));
    if (chosen !== null && score <= highest) continue;
    chosen = seat;
    highest = score;
  }
  return chosen;
};
