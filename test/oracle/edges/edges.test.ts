import { expect, test } from 'vitest';
import { compareEdges } from './compare-edges.ts';

const CASES = 150;
const SEED = process.env.ORACLE_SEED ?? 'edges';

/** A slice; `npm run test:oracle -- edges` runs more, with new seeds. */
test('random operations have the same response with and without the direct edge, in each mode of execution', async () => {
  const { cases, differences, direct } = await compareEdges(CASES, SEED);
  expect(differences, `ORACLE_SEED=${SEED} repeats this`).toEqual([]);
  expect(cases).toBe(CASES);
  // Each operation is sent twice, and each mode has a third of them.
  for (const mode of ['compiled', 'reference', 'compare']) expect(direct[mode]).toBe((2 * CASES) / 3);
});
