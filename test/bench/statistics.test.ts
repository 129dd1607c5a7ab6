import { expect, test } from 'vitest';
import { bootstrap, median, quantile, ratios } from '../../bench/harness/statistics.ts';
import { seeded } from '../support/random/seeded.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 9, 2])).toBe(3);
  expect(median([])).toBeNaN();
});

test('a quantile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, at) => at + 1);
  expect(quantile(values, 0.99)).toBe(100);
  expect(quantile(values, 0.5)).toBe(51);
});

test('ratios are computed per round, so that a slowdown of both sides cancels out', () => {
  expect(ratios([10, 20, 40], [20, 40, 80])).toEqual([0.5, 0.5, 0.5]);
});

test('the interval of equal rounds is a point, that of unequal ones encloses the median', () => {
  expect(bootstrap([0.5, 0.5, 0.5])).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
  const { median: middle, low, high } = bootstrap([0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2]);
  expect(middle).toBe(0.9);
  expect(low).toBeGreaterThanOrEqual(0.6);
  expect(low).toBeLessThan(middle);
  expect(high).toBeGreaterThan(middle);
});

test('equal seeds return equal intervals', () => {
  const values = [1.1, 0.9, 1.3, 0.8, 1];
  expect(bootstrap(values, 7)).toEqual(bootstrap(values, 7));
  const [one, other] = [seeded(3), seeded(3)];
  expect([one(), one()]).toEqual([other(), other()]);
});
