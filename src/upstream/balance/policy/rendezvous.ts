import type { Candidate } from '../candidate.ts';
import { fractionOf } from './hash.ts';

/**
 * Chooses the endpoint of a hash: weighted rendezvous hashing (Thaler and Ravishankar's highest random weight; `-weight
 * / ln(h)` shares by weight). Removing an endpoint moves only its own hashes.
 */
export const rendezvous = (candidates: readonly Candidate[], hash: number): Candidate | null => {
  let chosen: Candidate | null = null;
  let highest = 0;
  for (const candidate of candidates) {
    if (candidate.weight === 0) continue;
    const score = -candidate.weight / Math.log(fractionOf(candidate.hash, hash));
    if (chosen !== null && score <= highest) continue;
    chosen = candidate;
    highest = score;
  }
  return chosen;
};
