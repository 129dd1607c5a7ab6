import { seeded } from '../../test/support/random/seeded.ts';

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((one, other) => one - other);

/** The value below which `share` (0 to 1) of them lie; NaN of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const all = sorted(values);
  return all[Math.min(Math.floor(share * all.length), all.length - 1)] ?? Number.NaN;
};

/** The middle one, or the mean of the two in the middle; NaN of none. */
export const median = (values: readonly number[]): number => {
  const all = sorted(values);
  const upper = all[Math.floor(all.length / 2)] ?? Number.NaN;
  const lower = all[Math.floor((all.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
};

export interface Interval {
  readonly median: number;
  /** The ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

/** The median with its bootstrap 95 % interval: what medians of as many values, drawn from these with repetition, lie within. */
export const bootstrap = (values: readonly number[], seed = 1): Interval => {
  const random = seeded(seed);
  const draw = () => values[Math.floor(random() * values.length)] ?? Number.NaN;
  const medians = Array.from({ length: RESAMPLES }, () => median(values.map(draw)));
  return { median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
};

/** Each value by that of the same round. */
export const ratios = (values: readonly number[], others: readonly number[]): readonly number[] =>
  values.map((value, round) => value / (others[round] ?? Number.NaN));
