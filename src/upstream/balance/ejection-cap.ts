import type { Level, Seat } from './seat.ts';

/** Counts of one upstream's endpoints, without drained ones. */
export interface Tally {
  readonly endpoints: number;
  readonly usable: number;
  /** Endpoints with an open circuit that the cap may overrule. */
  readonly ejected: number;
  /** Endpoints that must not be used: dead, held open or paused. */
  readonly barred: number;
}

/**
 * Number of ejected endpoints to keep in use, so that circuits eject at most the share `maxEjected` (at least one
 * endpoint), and never the last endpoint that could answer.
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

/** Keeps this many endpoints in use, the last to open first. */
export const spare = (levels: readonly Level[], count: number, route: string): void => {
  for (let left = count; left > 0; left--) {
    const seat = lastToOpen(levels, route);
    if (seat !== null) seat.fitness = 'spared';
  }
};
