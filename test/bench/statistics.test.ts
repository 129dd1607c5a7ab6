import { expect, test } from 'vitest';
import { bootstrap, median, quantile, ratios, seeded } from '../../bench/harness/statistics.ts';

test('a median is the middle one, or half way between the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 9, 2])).toBe(3);
  expect(median([])).toBeNaN();
});

test('a quantile lies among the values', () => {
  const values = Array.from({ length: 100 }, (_, at) => at + 1);
  expect(quantile(values, 0.99)).toBe(100);
  expect(quantile(values, 0.5)).toBe(51);
});

test('ratios are those of one round, so that what slows both leaves them as they are', () => {
  expect(ratios([10, 20, 40], [20, 40, 80])).toEqual([0.5, 0.5, 0.5]);
});

test('equal rounds leave no doubt, and unequal ones an interval around the median', () => {
  expect(bootstrap([0.5, 0.5, 0.5])).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
  const { median: middle, low, high } = bootstrap([0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]);
  expect(middle).toBe(0.9);
  expect(low).toBeGreaterThanOrEqual(0.6);
  expect(low).toBeLessThan(middle);
  expect(high).toBeGreaterThan(middle);
});

test('the same seed gives the same interval', () => {
  const values = [1.1, 0.9, 1.3, 0.8, 1];
  expect(bootstrap(values, 7)).toEqual(bootstrap(values, 7));
  const [one, other] = [seeded(3), seeded(3)];
  expect([one(), one()]).toEqual([other(), other()]);
});
