import { expect, test } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { objections } from './tally.ts';
import { runCases } from './workers.ts';

const CASES = 500;
/** A run takes a fraction of it where nothing else is running. */
const LONGEST_MS = 120_000;

test('what clients get is what graphql-js gives over one schema, whatever the modules and the operation', {
  timeout: LONGEST_MS,
}, async () => {
  const seed = process.env.ORACLE_SEED ?? Math.random().toString(36).slice(2, 8);
  // Few operations over many modules: what is rare is rare in modules.
  const tally = await runCases(ROOT, { seed, cases: CASES, operations: 10 });
  expect(tally.reports, `ORACLE_SEED=${seed} repeats this`).toEqual([]);
  expect(objections(tally, CASES / 2), `ORACLE_SEED=${seed} repeats this`).toEqual([]);
  expect(tally.cases).toBe(CASES);
});
