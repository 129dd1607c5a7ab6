import { expect, test } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { peakEwma } from './peak-ewma.ts';

const SUCCESS: Outcome = { is: 'success' };
const FAILURE: Outcome = { is: 'failure' };
const throttled = (retryAfterMs: number | null): Outcome => ({ is: 'throttled', retryAfterMs });

/** A peak EWMA that observed these outcomes at one time. */
const after = (...outcomes: readonly (readonly [number, Outcome])[]) => {
  const ewma = peakEwma();
  for (const [ms, outcome] of outcomes) ewma.observe(ms, outcome, 0);
  return ewma;
};

test('without an answer the estimate is 30 ms, at any time', () => {
  const ewma = peakEwma();
  expect([ewma.measured, ewma.at(0), ewma.at(60_000)]).toEqual([null, 30, 30]);
});

test('the first answer replaces the default, also if it is lower', () => {
  expect(after([2, SUCCESS]).at(0)).toBe(2);
});

test('a peak takes effect immediately', () => {
  expect(after([10, SUCCESS], [200, SUCCESS]).at(0)).toBe(200);
});

test('lower values reduce the average by elapsed time, not by count', () => {
  const often = after([200, SUCCESS]);
  const seldom = after([200, SUCCESS]);
  for (let now = 100; now <= 10_000; now += 100) often.observe(10, SUCCESS, now);
  seldom.observe(10, SUCCESS, 10_000);
  const expected = 10 + 190 / Math.E;
  expect(often.measured).toBeCloseTo(expected, 6);
  expect(seldom.measured).toBeCloseTo(expected, 6);
});

test('without observations the estimate falls to 1/e in 10 s, and the measured value stays', () => {
  const ewma = after([200, SUCCESS]);
  expect(ewma.at(10_000)).toBeCloseTo(200 / Math.E, 6);
  expect(ewma.measured).toBe(200);
});

test('a failure counts as 5 s, or as its duration if that was longer', () => {
  expect(after([1, FAILURE]).at(0)).toBe(5_000);
  expect(after([8_000, FAILURE]).at(0)).toBe(8_000);
});

test('5 s after the last failure the estimate is what it was before', () => {
  const ewma = after([10, SUCCESS], [1, FAILURE]);
  ewma.observe(1, FAILURE, 3_000);
  expect([4_999, 5_000, 7_999].map((now) => ewma.at(now))).toEqual([5_000, 5_000, 5_000]);
  expect(ewma.at(8_000)).toBeLessThan(10);
  expect([ewma.penalty(7_999), ewma.penalty(8_000), ewma.measured]).toEqual([5_000, 0, 10]);
});

test('an answer does not end the penalty, so that an endpoint with every second call failing stays avoided', () => {
  expect(after([1, FAILURE], [1, SUCCESS]).at(0)).toBe(5_000);
});

test('a throttled answer counts as its Retry-After, from 5 s to 300 s, for as long', () => {
  const asked = [null, 0, 3_000, 60_000, 86_400_000];
  const counted = [5_000, 5_000, 5_000, 60_000, 300_000];
  expect(asked.map((ms) => after([1, throttled(ms)]).at(0))).toEqual(counted);
  for (const [index, ms] of counted.entries()) {
    const ewma = after([1, throttled(asked[index] ?? null)]);
    expect([ewma.penalty(ms - 1), ewma.penalty(ms)]).toEqual([ms, 0]);
  }
});

test('a failure does not shorten a pause', () => {
  const ewma = after([1, throttled(60_000)], [1, FAILURE]);
  expect([ewma.penalty(0), ewma.penalty(59_999)]).toEqual([60_000, 60_000]);
});

test('an ignored outcome changes nothing', () => {
  expect(after([9_000, { is: 'ignored' }]).at(0)).toBe(30);
  expect(after([10, SUCCESS], [9_000, { is: 'ignored' }]).at(0)).toBe(10);
});

test('a reset removes all measurements', () => {
  const ewma = after([10, SUCCESS], [1, FAILURE]);
  ewma.reset();
  expect([ewma.measured, ewma.penalty(0), ewma.at(0)]).toEqual([null, 0, 30]);
  ewma.observe(7, SUCCESS, 0);
  expect(ewma.at(0)).toBe(7);
});
