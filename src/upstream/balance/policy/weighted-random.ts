import type { Candidate, Choose } from '../candidate.ts';

/**
 * Draws a candidate by weight, never `except`. `total` is the sum of the weights without `except`. Null without
 * candidates.
 */
export const drawWeighted = (
  candidates: readonly Candidate[],
  total: number,
  random: () => number,
  except: Candidate | null,
): Candidate | null => {
  let left = random() * total;
  let drawn: Candidate | null = null;
  for (const candidate of candidates) {
    if (candidate.weight === 0 || candidate === except) continue;
    drawn = candidate;
    left -= candidate.weight;
    if (left < 0) break;
  }
  return drawn;
};

/** Any candidate, by weight. */
export const weightedRandom =
  (random: () => number): Choose =>
  ({ level, total }) =>
    drawWeighted(level.candidates, total, random, null);
