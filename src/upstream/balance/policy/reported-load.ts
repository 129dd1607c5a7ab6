import type { ReportedWeights } from '../../load/reported-weights.ts';
import type { Candidate, Choose, Level } from '../candidate.ts';
import { roundRobin } from './round-robin.ts';

/** Factors of the configured weights; null if fewer than two endpoints have reported a weight. */
type Factors = ReadonlyMap<Candidate, number> | null;

/** A factor is at most this many times above or below the median, whatever an endpoint reports. */
const MAX_RATIO = 10;
/** Time between updates of the factors. The `weight_update_period` of gRPC. */
const UPDATE_MS = 1_000;

const middleOf = (sorted: readonly number[]): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;

/** Reported weights relative to their median: the mean would follow a single false report. */
const factorsOf = ({ candidates }: Level, weights: Pick<ReportedWeights, 'weightOf'>, now: number): Factors => {
  const reported = candidates.map(({ member }) => weights.weightOf(member, now));
  const sorted = reported.filter((weight) => weight > 0).toSorted((one, other) => one - other);
  if (sorted.length < 2) return null;
  const middle = middleOf(sorted);
  const bounded = (weight: number) => Math.min(Math.max(weight / middle, 1 / MAX_RATIO), MAX_RATIO);
  const mean = sorted.reduce((sum, weight) => sum + bounded(weight), 0) / sorted.length;
  return new Map(
    candidates.map((candidate, index) => {
      const weight = reported[index] ?? 0;
      return [candidate, weight > 0 ? bounded(weight) : mean];
    }),
  );
};

/**
 * Round robin by the weights that endpoints report (gRFC A58). A configured weight multiplies the reported one. An
 * endpoint without a report has the mean of the others. With fewer than two reports, and in panic, the configured
 * weights alone decide.
 */
export const byReportedLoad = (weights: Pick<ReportedWeights, 'weightOf'>): Choose => {
  const updates = new WeakMap<Level, { readonly at: number; readonly factors: Factors }>();
  const factorsNow = (level: Level, now: number): Factors => {
    const known = updates.get(level);
    if (known !== undefined && now - known.at < UPDATE_MS) return known.factors;
    const factors = factorsOf(level, weights, now);
    updates.set(level, { at: now, factors });
    return factors;
  };
  return (choice) => {
    const { level, panic, now } = choice;
    const factors = panic ? null : factorsNow(level, now);
    if (factors === null) return roundRobin(choice);
    let total = 0;
    for (const candidate of level.candidates) {
      candidate.weight *= factors.get(candidate) ?? 1;
      total += candidate.weight;
    }
    return roundRobin({ ...choice, total });
  };
};
