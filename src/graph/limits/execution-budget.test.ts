import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import type { GatewayError } from '../../core/errors.ts';
import { ExecutionBudget } from './execution-budget.ts';

/** A budget with the errors that it reports. */
const budgetOf = (maxFields: number, deadline: number, clock = manualClock()) => {
  const reported: GatewayError[] = [];
  return { budget: new ExecutionBudget(maxFields, { deadline }, clock, (error) => reported.push(error)), reported };
};

test('a budget allows its number of fields, then reports COST_LIMIT once', () => {
  const { budget, reported } = budgetOf(3, 10_000);
  expect([budget.take(), budget.take(2)]).toEqual([null, null]);
  expect(reported).toEqual([]);
  const over = budget.take();
  expect(over).toBeInstanceOf(Promise);
  expect(budget.take()).toBe(over);
  expect(reported).toMatchObject([{ code: 'COST_LIMIT' }]);
});

test('a list counts as one field for each item', () => {
  const { budget, reported } = budgetOf(1_000, 10_000);
  expect(budget.take(1_001)).toBeInstanceOf(Promise);
  expect(reported).toMatchObject([{ code: 'COST_LIMIT' }]);
});

test('an execution that blocks the thread ends with TIMEOUT one second after its deadline', () => {
  const clock = manualClock();
  const { budget, reported } = budgetOf(100_000, 500, clock);
  clock.advance(1_499);
  for (let field = 0; field < 1_000; field += 1) expect(budget.take()).toBeNull();
  clock.advance(1);
  const taken = Array.from({ length: 257 }, () => budget.take());
  expect(taken.at(-1)).toBeInstanceOf(Promise);
  expect(reported).toMatchObject([{ code: 'TIMEOUT' }]);
});
