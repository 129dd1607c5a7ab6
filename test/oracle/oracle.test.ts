import { expect, test } from 'vitest';
import { ROOT } from '../support/processes/processes.ts';
import { runCases } from './workers.ts';

const CASES = 60;
const SEED = process.env.ORACLE_SEED ?? 'slice';

/** A slice. All features, in many more operations: oracle.full.test.ts, and `npm run test:oracle` with new seeds. */
test('answers equal those of graphql-js over one schema, for random modules and operations', async () => {
  const tally = await runCases(ROOT, { seed: SEED, cases: CASES, operations: 10 });
  expect(tally.reports, `ORACLE_SEED=${SEED} repeats this`).toEqual([]);
  expect(tally.cases).toBe(CASES);
});
