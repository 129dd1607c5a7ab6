import { expect, test } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { objections } from './tally.ts';
import { runCases } from './workers.ts';

const CASES = 500;
/** Time limit in milliseconds. An idle machine needs a fraction of it. */
const TIME_LIMIT_MS = 300_000;

test('answers equal those of graphql-js over one schema, for random modules and operations', {
  timeout: TIME_LIMIT_MS,
}, async () => {
  const seed = process.env.ORACLE_SEED ?? Math.random().toString(36).slice(2, 8);
  // Few operations over many modules: rare features are rare in modules.
  const tally = await runCases(ROOT, { seed, cases: CASES, operations: 10 });
  expect(tally.reports, `ORACLE_SEED=${seed} repeats this`).toEqual([]);
  expect(objections(tally, CASES / 2), `ORACLE_SEED=${seed} repeats this`).toEqual([]);
  expect(tally.cases).toBe(CASES);
});
