import type { Call } from '../../call.ts';
import type { PeakEwma } from '../../endpoints/peak-ewma.ts';
import type { Candidate, Choose, Level } from '../candidate.ts';
import { drawWeighted } from './weighted-random.ts';

/** Cost of one more call for a candidate, relative to the other one drawn. */
type Cost = (candidate: Candidate, beside: Candidate, level: Level, now: number) => number;

interface Rule {
  readonly cost: Cost;
  /**
   * The second candidate wins if its cost is below `margin` x the first one's, scaled by `second.weight / first.weight`
   * if it is lighter: it cannot carry the other's calls, and rarely measured latencies look good.
   */
  readonly margin: number;
}

/**
 * Attempts in flight relative to the weight, in units of the level's mean weight: weights of 100 mean the same as
 * weights of 1.
 */
const load = ({ member, weight }: Candidate, { meanWeight }: Level): number =>
  1 + (member.inFlight * meanWeight) / weight;

/**
 * Expected latency of one candidate compared with another. Decay may reduce a slow endpoint's latency to the other's
 * but not below: an endpoint of little weight is rarely measured, and would look fast for that alone. Without
 * measurements, the other's latency is assumed.
 */
const expected = (one: PeakEwma, other: PeakEwma, now: number): number => {
  const { measured } = one;
  if (measured !== null) return Math.max(one.at(now), Math.min(measured, other.measured ?? measured));
  return other.measured === null ? one.at(now) : Math.max(other.measured, one.penalty(now));
};

const PEAK_EWMA: Rule = {
  cost: (candidate, beside, level, now) =>
    expected(candidate.member.latency, beside.member.latency, now) * load(candidate, level),
  // Smaller differences are noise, which must not distort the shares.
  margin: 0.8,
};
const LEAST_REQUEST: Rule = { cost: (candidate, _, level) => load(candidate, level), margin: 1 };

export const isFirstTry = ({ visited }: Call): boolean => visited === undefined || visited.size === 0;

/** The candidate that is due for a probe. Its latency would keep it from being chosen for a long time. */
export const dueForProbe = (candidates: readonly Candidate[]): Candidate | null => {
  for (const candidate of candidates) if (candidate.eligibility === 'probe' && candidate.weight > 0) return candidate;
  return null;
};

const cheaperOfTwo =
  ({ cost, margin }: Rule, random: () => number): Choose =>
  ({ level, total, panic, call, now }) => {
    const { candidates } = level;
    if (!panic && isFirstTry(call)) {
      const probe = dueForProbe(candidates);
      if (probe !== null) return probe;
    }
    const first = drawWeighted(candidates, total, random, null);
    if (first === null || panic || first.weight >= total) return first;
    const second = drawWeighted(candidates, total - first.weight, random, first);
    if (second === null) return first;
    const limit = margin * Math.min(1, second.weight / first.weight);
    return cost(second, first, level, now) < limit * cost(first, second, level, now) ? second : first;
  };

/**
 * Power of two choices over peak EWMA (Linkerd, Finagle): the faster of two endpoints drawn by weight. Each attempt in
 * flight adds the latency of one answer. The first endpoint drawn wins unless the second is clearly better, so that
 * with equal latencies the weights are the shares.
 */
export const peakEwmaOfTwo = (random: () => number): Choose => cheaperOfTwo(PEAK_EWMA, random);

/** The endpoint with fewer attempts in flight for its weight, of two drawn by weight. */
export const leastRequestOfTwo = (random: () => number): Choose => cheaperOfTwo(LEAST_REQUEST, random);
