import { expect, test } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

const seen = (values: readonly number[]) => {
  const histogram = new LatencyHistogram();
  for (const ms of values) histogram.observe(ms);
  return histogram;
};

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test.each([
  [0.5, 50],
  [0.9, 90],
  [0.95, 95],
  [0.99, 99],
])('the quantile of a share of %d is exact or up to a tenth higher', (share, exact) => {
  const quantile = seen(upTo(100)).quantile(share);
  expect(quantile).toBeGreaterThanOrEqual(exact);
  expect(quantile).toBeLessThanOrEqual(exact * 1.1);
});

test.each([
  [0, 0.1],
  [0.01, 0.1],
  [300_000, 300_000],
])('%d ms is in the bucket of %d ms', (ms, least) => {
  expect(seen([ms]).quantile(0.95)).toBeGreaterThanOrEqual(least);
  expect(seen([ms]).quantile(0.95)).toBeLessThanOrEqual(least * 1.1);
});

test('without observations the quantile is 0', () => {
  expect(seen([]).quantile(0.95)).toBe(0);
});

test('old observations fade', () => {
  const histogram = seen(Array.from({ length: 1_000 }, () => 100));
  expect(histogram.weight).toBe(500);
  for (let observed = 0; observed < 6_000; observed += 1) histogram.observe(1);
  expect(histogram.quantile(0.95)).toBeLessThan(1.2);
  expect(histogram.weight).toBeLessThan(1_000);
});
