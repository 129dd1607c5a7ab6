import type { Call } from '../call.ts';
import type { Choose } from './choice.ts';
import { draw } from './draw.ts';
import type { PeakEwma } from './peak-ewma.ts';
import type { Level, Seat } from './seat.ts';

/** What one more call would cost there, as far as two endpoints can be told apart by it. */
type Cost = (seat: Seat, beside: Seat, level: Level, now: number) => number;

interface Rule {
  readonly cost: Cost;
  /**
   * The second one drawn takes the call where it costs less than this part of what the first one does; of a lighter one as
   * much less as it is lighter. It cannot carry the other's calls, and latencies that were seldom measured look good.
   */
  readonly margin: number;
}

/** In weights of this level, so that weights of 100 mean the same as weights of 1. */
const load = ({ member, weight }: Seat, { meanWeight }: Level): number => 1 + (member.inFlight * meanWeight) / weight;

/**
 * What to expect of one beside the other. Time makes a slow endpoint less bad, never better than the other: an endpoint of
 * little weight is seldom asked, and would look quick for that alone. One that nobody has asked yet is like the other.
 */
const expected = (one: PeakEwma, other: PeakEwma, now: number): number => {
  const { measured } = one;
  if (measured !== null) return Math.max(one.at(now), Math.min(measured, other.measured ?? measured));
  return other.measured === null ? one.at(now) : Math.max(other.measured, one.penalty(now));
};

const PEAK_EWMA: Rule = {
  cost: (seat, beside, level, now) => expected(seat.member.latency, beside.member.latency, now) * load(seat, level),
  // Less is noise, and noise must not take anything from the weights.
  margin: 0.8,
};
const LEAST_REQUEST: Rule = { cost: (seat, _, level) => load(seat, level), margin: 1 };

const isFirstTry = ({ visited }: Call): boolean => visited === undefined || visited.size === 0;

/** The one whose circuit waits for a probe. Its latency speaks against it for long after it is back. */
const due = (seats: readonly Seat[]): Seat | null => {
  for (const seat of seats) if (seat.fitness === 'due' && seat.weight > 0) return seat;
  return null;
};

const cheaperOfTwo =
  ({ cost, margin }: Rule, random: () => number): Choose =>
  ({ level, total, panic, call, now }) => {
    const { seats } = level;
    if (!panic && isFirstTry(call)) {
      const probe = due(seats);
      if (probe !== null) return probe;
    }
    const first = draw(seats, total, random, null);
    if (first === null || panic || first.weight >= total) return first;
    const second = draw(seats, total - first.weight, random, first);
    if (second === null) return first;
    const limit = margin * Math.min(1, second.weight / first.weight);
    return cost(second, first, level, now) < limit * cost(first, second, level, now) ? second : first;
  };

/**
 * The quicker of two endpoints drawn by weight, where a call under way makes an endpoint as much slower as one answer takes
 * (Linkerd's and Finagle's power of two choices over peak EWMA). The first one drawn takes the call unless the second is
 * clearly better, so that with equal latencies the weights are the shares.
 */
export const peakEwmaOfTwo = (random: () => number): Choose => cheaperOfTwo(PEAK_EWMA, random);

/** Of two endpoints drawn by weight, the one with fewer calls under way for its weight. */
export const leastRequestOfTwo = (random: () => number): Choose => cheaperOfTwo(LEAST_REQUEST, random);
