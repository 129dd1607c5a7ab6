import type { Level, Seat } from './seat.ts';

/** Counts of one upstream's endpoints, without those taken out on purpose. */
export interface Tally {
  readonly endpoints: number;
  readonly usable: number;
  /** Open circuits that could be used all the same. */
  readonly ejected: number;
  /** Those that nobody may use: dead, held open or paused. */
  readonly barred: number;
}

/**
 * How many of the ejected endpoints are used all the same, so that circuits keep out no more than `maxEjected` of them
 * all, one at least, and never the last one that could answer.
 */
export const sparedOf = ({ endpoints, usable, ejected, barred }: Tally, maxEjected: number): number => {
  if (ejected === 0) return 0;
  const cap = Math.max(1, Math.floor(endpoints * maxEjected));
  const out = Math.min(Math.max(cap - barred, 0), ejected);
  return usable === 0 && out === ejected ? 1 : ejected - out;
};

const openSince = ({ member }: Seat, route: string): number =>
  member.circuits.openSince(route) ?? Number.NEGATIVE_INFINITY;

const lastToOpen = (levels: readonly Level[], route: string): Seat | null => {
  let last: Seat | null = null;
  for (const { seats } of levels)
    for (const seat of seats)
      if (seat.fitness === 'ejected' && (last === null || openSince(seat, route) >= openSince(last, route)))
        last = seat;
  return last;
};

/** Spares this many, those first whose circuits opened last. */
export const spare = (levels: readonly Level[], count: number, route: string): void => {
  for (let left = count; left > 0; left--) {
    const seat = lastToOpen(levels, route);
    if (seat !== null) seat.fitness = 'spared';
  }
};
