import type { Choose } from './choice.ts';
import type { Seat } from './seat.ts';

/**
 * Each in its turn, as often as its weight says and spread evenly: nginx's smooth weighted round robin. Everybody earns its
 * weight, the richest is chosen and pays the sum.
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
