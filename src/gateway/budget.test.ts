import { expect, test } from 'vitest';
import { manualClock } from '../../test/support/manual-clock.ts';
import type { GatewayError } from '../errors.ts';
import { Budget } from './budget.ts';

/** A budget, and what it has told of its end. */
const budgetOf = (maxFields: number, deadline: number, clock = manualClock()) => {
  const told: GatewayError[] = [];
  return { budget: new Budget(maxFields, { deadline }, clock, (error) => told.push(error)), told };
};

test('as many fields as it has, and then none: COST_LIMIT, told once', () => {
  const { budget, told } = budgetOf(3, 10_000);
  expect([budget.take(), budget.take(2)]).toEqual([null, null]);
  expect(told).toEqual([]);
  const over = budget.take();
  expect(over).toBeInstanceOf(Promise);
  expect(budget.take()).toBe(over);
  expect(told).toMatchObject([{ code: 'COST_LIMIT' }]);
});

test('a list counts as much as it has items', () => {
  const { budget, told } = budgetOf(1_000, 10_000);
  expect(budget.take(1_001)).toBeInstanceOf(Promise);
  expect(told).toMatchObject([{ code: 'COST_LIMIT' }]);
});

test('an execution that keeps the thread is ended a second after its deadline: TIMEOUT', () => {
  const clock = manualClock();
  const { budget, told } = budgetOf(100_000, 500, clock);
  clock.advance(1_499);
  for (let field = 0; field < 1_000; field += 1) expect(budget.take()).toBeNull();
  clock.advance(1);
  const taken = Array.from({ length: 257 }, () => budget.take());
  expect(taken.at(-1)).toBeInstanceOf(Promise);
  expect(told).toMatchObject([{ code: 'TIMEOUT' }]);
});
