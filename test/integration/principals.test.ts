import { expect, test } from 'vitest';
import { runInCheckout } from '../support/principals/run-in-checkout.ts';
import { ROOT } from '../support/processes/processes.ts';

test('a thousand concurrent callers get no data of one another', async () => {
  const { code, summary } = await runInCheckout(ROOT, 1_000);
  expect(summary).toMatchObject({ failures: [], marks: { foreign: 0 } });
  expect(summary.marks.own).toBeGreaterThan(3_000);
  expect(summary.atOnce).toBeGreaterThanOrEqual(250);
  expect(code).toBe(0);
});
