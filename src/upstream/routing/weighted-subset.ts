import { fractionOf, hashOf } from '../balance/policy/hash.ts';

/** A subset with its weight. */
export interface Weighted<Subset> {
  readonly subset: Subset;
  readonly weight: number;
  /** Hash of its name. */
  readonly hash: number;
}

/** Draws a subset by weight. `fraction` is a number of at least 0 and less than 1. */
export const drawSubset = <Subset>(all: readonly Weighted<Subset>[], fraction: number): Subset | undefined => {
  let left = fraction * all.reduce((sum, { weight }) => sum + weight, 0);
  let drawn: Subset | undefined;
  for (const { subset, weight } of all) {
    if (weight === 0) continue;
    drawn = subset;
    left -= weight;
    if (left < 0) break;
  }
  return drawn;
};

/**
 * The subset of a caller: weighted rendezvous hashing. A change of weights moves callers only out of a subset whose
 * weight shrank, or into one whose weight grew.
 */
export const stickySubset = <Subset>(all: readonly Weighted<Subset>[], key: string): Subset | undefined => {
  const hash = hashOf(key);
  let chosen: Subset | undefined;
  let highest = 0;
  for (const { subset, weight, hash: own } of all) {
    const score = weight === 0 ? 0 : -weight / Math.log(fractionOf(own, hash));
    if (score <= highest) continue;
    chosen = subset;
    highest = score;
  }
  return chosen;
};
