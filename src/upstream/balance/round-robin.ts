import type { Choose } from './choice.ts';
import type { Seat } from './seat.ts';

/**
 * nginx's smooth weighted round robin: every candidate's credit grows by its weight; the highest credit is chosen and
 * reduced by the sum of the weights. Turns follow the weights and are spread evenly.
 */
export const roundRobin: Choose = ({ level, total }) => {
  let chosen: Seat | null = null;
  for (const seat of level.seats) {
    if (seat.weight === 0) continue;
    seat.credit += seat.weight;
    if (chosen === null || seat.credit > chosen.credit) chosen = seat;
  }
  if (chosen !== null) chosen.credit -= total;
  return chosen;
};
