import type { Interval } from '../harness/statistics.ts';
import { table } from './table.ts';

/** The highest allowed ratio of two costs. */
export interface Target {
  readonly what: string;
  readonly most: number;
}

export interface Reached extends Target {
  readonly ratio: Interval;
}

export const isKept = ({ ratio, most }: Reached): boolean => ratio.median <= most;

/** Kept or missed by the median; where the interval has both sides of the target it is said that the rounds do not tell. */
export const verdictOf = (reached: Reached): string => {
  const { ratio, most } = reached;
  const verdict = isKept(reached) ? 'kept' : 'missed';
  return ratio.low <= most && most < ratio.high ? `${verdict}, too close to tell` : verdict;
};

export const verdicts = (all: readonly Reached[]): string =>
  table(
    ['CPU a request of Tributary, beside', 'ratio', '95 % interval', 'at most', ''],
    all.map((reached) => [
      reached.what,
      reached.ratio.median.toFixed(2),
      `${reached.ratio.low.toFixed(2)}-${reached.ratio.high.toFixed(2)}`,
      String(reached.most),
      verdictOf(reached),
    ]),
  );
