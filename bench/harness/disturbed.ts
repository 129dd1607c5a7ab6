import type { Round } from './rounds.ts';
import { median } from './statistics.ts';

/** Shares of a core, and of the calibration's median. */
const MOST = { others: 0.05, stolen: 0.01, drift: 0.05 } as const;

export interface Sorted {
  /** The rounds that count. */
  readonly rounds: readonly Round[];
  readonly discarded: number;
  /** True if more than half were disturbed. All of them count then, and the figures prove little. */
  readonly busy: boolean;
}

const isDisturbed = ({ samples, calibrationMs }: Round, usualMs: number): boolean =>
  calibrationMs > usualMs * (1 + MOST.drift) ||
  [...samples.values()].some(({ others, stolen }) => others > MOST.others || stolen > MOST.stolen);

/** Leaves out rounds in which something else ran, the host took time away, or the core was slower than it usually is. */
export const undisturbed = (all: readonly Round[]): Sorted => {
  const usualMs = median(all.map(({ calibrationMs }) => calibrationMs));
  const rounds = all.filter((round) => !isDisturbed(round, usualMs));
  const busy = rounds.length < all.length / 2;
  return busy ? { rounds: all, discarded: 0, busy } : { rounds, discarded: all.length - rounds.length, busy };
};
