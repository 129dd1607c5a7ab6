import { expect, test } from 'vitest';
import { ROOT } from '../support/processes/processes.ts';
import { objections } from './tally.ts';
import { runCases } from './workers.ts';

const CASES = 500;
/** A fixed seed: its cases, and with them the coverage of the features, are the same in every run. */
const SEED = process.env.ORACLE_SEED ?? 'full';

test('answers equal those of graphql-js over one schema, with every feature in enough operations', async () => {
  // Few operations over many modules: rare features are rare in modules.
  const tally = await runCases(ROOT, { seed: SEED, cases: CASES, operations: 10 });
  expect(tally.reports, `ORACLE_SEED=${SEED} repeats this`).toEqual([]);
  expect(objections(tally, CASES / 2), `ORACLE_SEED=${SEED} repeats this`).toEqual([]);
  expect(tally.cases).toBe(CASES);
});
