import { expect, test } from 'vitest';
import { manualClock } from '../../test/support/manual-clock.ts';
import { Budget } from './budget.ts';

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise.catch((error: unknown) => error), Promise.resolve('not yet')]);

test('as many fields as it has, and then none: COST_LIMIT, told once', async () => {
  const budget = new Budget(3, 10_000, manualClock());
  expect([budget.take(), budget.take(2)]).toEqual([null, null]);
  expect(await outcome(budget.spent)).toBe('not yet');
  const over = budget.take();
  expect(over).toBeInstanceOf(Promise);
  expect(budget.take()).toBe(over);
  await expect(budget.spent).rejects.toMatchObject({ code: 'COST_LIMIT' });
});

test('a list counts as much as it has items', async () => {
  const budget = new Budget(1_000, 10_000, manualClock());
  expect(budget.take(1_001)).toBeInstanceOf(Promise);
  await expect(budget.spent).rejects.toMatchObject({ code: 'COST_LIMIT' });
});

test('an execution that keeps the thread is ended a second after its deadline: TIMEOUT', async () => {
  const clock = manualClock();
  const budget = new Budget(100_000, 500, clock);
  clock.advance(1_499);
  for (let field = 0; field < 1_000; field += 1) expect(budget.take()).toBeNull();
  clock.advance(1);
  const taken = Array.from({ length: 257 }, () => budget.take());
  expect(taken.at(-1)).toBeInstanceOf(Promise);
  await expect(budget.spent).rejects.toMatchObject({ code: 'TIMEOUT' });
});
