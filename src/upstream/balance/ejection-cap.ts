import type { Candidate, Level } from './candidate.ts';

/** Counts of one upstream's endpoints, without drained ones. */
export interface EndpointCounts {
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
export const keptByCap = ({ endpoints, usable, ejected, barred }: EndpointCounts, maxEjected: number): number => {
  if (ejected === 0) return 0;
  const cap = Math.max(1, Math.floor(endpoints * maxEjected));
  const out = Math.min(Math.max(cap - barred, 0), ejected);
  return usable === 0 && out === ejected ? 1 : ejected - out;
};

const openSince = ({ member }: Candidate, route: string): number =>
  member.circuits.openSince(route) ?? Number.NEGATIVE_INFINITY;

const lastToOpen = (levels: readonly Level[], route: string): Candidate | null => {
  let last: Candidate | null = null;
  for (const { candidates } of levels)
    for (const candidate of candidates)
      if (
        candidate.eligibility === 'ejected' &&
        (last === null || openSince(candidate, route) >= openSince(last, route))
      )
        last = candidate;
  return last;
};

/** Keeps this many endpoints in use, the last to open first. */
export const keepInUse = (levels: readonly Level[], count: number, route: string): void => {
  for (let left = count; left > 0; left--) {
    const candidate = lastToOpen(levels, route);
    if (candidate !== null) candidate.eligibility = 'kept';
  }
};
