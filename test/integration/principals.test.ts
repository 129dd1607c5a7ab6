import { expect, test } from 'vitest';
import { runInCheckout } from '../support/principals/run-in-checkout.ts';
import { ROOT } from '../support/processes/processes.ts';

test('five hundred concurrent callers get no data of one another', async () => {
  const { code, summary } = await runInCheckout(ROOT, 500);
  expect(summary).toMatchObject({ failures: [], marks: { foreign: 0 } });
  expect(summary.marks.own).toBeGreaterThan(1_500);
  expect(summary.atOnce).toBeGreaterThanOrEqual(250);
  expect(code).toBe(0);
});
