import type { Candidate, Choose } from '../candidate.ts';

/**
 * nginx's smooth weighted round robin: every candidate's credit grows by its weight; the highest credit is chosen and
 * reduced by the sum of the weights. Turns follow the weights and are spread evenly.
 */
export const roundRobin: Choose = ({ level, total }) => {
  let chosen: Candidate | null = null;
  for (const candidate of level.candidates) {
    if (candidate.weight === 0) continue;
    candidate.credit += candidate.weight;
    if (chosen === null || candidate.credit > chosen.credit) chosen = candidate;
  }
  if (chosen !== null) chosen.credit -= total;
  return chosen;
};
