import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { RetryBudget } from './budget.ts';

const takeAll = (budget: RetryBudget): number => {
  let taken = 0;
  while (budget.take()) taken += 1;
  return taken;
};

const calls = (budget: RetryBudget, count: number) => {
  for (let made = 0; made < count; made += 1) budget.called();
};

test('each second has its reserve, which does not accumulate', () => {
  const clock = manualClock();
  const budget = new RetryBudget({ budgetRatio: 0.2, budgetPerSecond: 10 }, clock);
  expect(takeAll(budget)).toBe(10);
  clock.advance(999);
  expect(takeAll(budget)).toBe(0);
  clock.advance(1);
  expect(takeAll(budget)).toBe(10);
  clock.advance(60_000);
  expect(takeAll(budget)).toBe(10);
});

test.each([0.1, 0.2, 0.3, 0.7, 1])('ten calls deposit a share of %d each', (budgetRatio) => {
  const budget = new RetryBudget({ budgetRatio, budgetPerSecond: 0 }, manualClock());
  calls(budget, 10);
  expect(budget.balance()).toBeCloseTo(10 * budgetRatio);
  expect(takeAll(budget)).toBe(Math.round(10 * budgetRatio));
  expect(budget.balance()).toBeCloseTo(0);
});

test('a deposit expires after ten seconds', () => {
  const clock = manualClock();
  const budget = new RetryBudget({ budgetRatio: 0.2, budgetPerSecond: 0 }, clock);
  calls(budget, 50);
  clock.advance(5_000);
  calls(budget, 50);
  clock.advance(4_999);
  expect(budget.balance()).toBeCloseTo(20);
  clock.advance(1);
  expect(budget.balance()).toBeCloseTo(10);
  clock.advance(60_000);
  expect(budget.balance()).toBe(0);
});

test('the oldest deposits are spent first', () => {
  const clock = manualClock();
  const budget = new RetryBudget({ budgetRatio: 0.2, budgetPerSecond: 0 }, clock);
  calls(budget, 10);
  clock.advance(9_000);
  calls(budget, 10);
  expect(budget.take()).toBe(true);
  clock.advance(1_000);
  expect(budget.balance()).toBeCloseTo(2);
});

test.each([
  [0.5, 30],
  [2.5, 150],
])('a reserve of %d a second grants %d attempts in a minute', (budgetPerSecond, inAll) => {
  const clock = manualClock();
  const budget = new RetryBudget({ budgetRatio: 0, budgetPerSecond }, clock);
  let taken = 0;
  for (let second = 0; second < 60; second += 1) {
    taken += takeAll(budget);
    clock.advance(1_000);
  }
  expect(taken).toBe(inAll);
});

test('without ratio and reserve no attempt is granted', () => {
  const clock = manualClock();
  const budget = new RetryBudget({ budgetRatio: 0, budgetPerSecond: 0 }, clock);
  calls(budget, 1_000);
  clock.advance(10_000);
  expect(budget.take()).toBe(false);
});
