import { expect, test } from 'vitest';
import type { Verdict } from '../classify.ts';
import { peakEwma } from './peak-ewma.ts';

const SUCCESS: Verdict = { is: 'success' };
const FAILURE: Verdict = { is: 'failure' };
const throttled = (retryAfterMs: number | null): Verdict => ({ is: 'throttled', retryAfterMs });

/** What has seen these outcomes, all at the same time. */
const after = (...outcomes: readonly (readonly [number, Verdict])[]) => {
  const ewma = peakEwma();
  for (const [ms, verdict] of outcomes) ewma.observe(ms, verdict, 0);
  return ewma;
};

test('an endpoint that nobody has asked is expected to take 30 ms, at any time', () => {
  const ewma = peakEwma();
  expect([ewma.measured, ewma.at(0), ewma.at(60_000)]).toEqual([null, 30, 30]);
});

test('the first answer counts for all, also where it is below the guess', () => {
  expect(after([2, SUCCESS]).at(0)).toBe(2);
});

test('a peak counts at once', () => {
  expect(after([10, SUCCESS], [200, SUCCESS]).at(0)).toBe(200);
});

test('what is below the average brings it down by the time that has passed, not by count', () => {
  const often = after([200, SUCCESS]);
  const seldom = after([200, SUCCESS]);
  for (let now = 100; now <= 10_000; now += 100) often.observe(10, SUCCESS, now);
  seldom.observe(10, SUCCESS, 10_000);
  const expected = 10 + 190 / Math.E;
  expect(often.measured).toBeCloseTo(expected, 6);
  expect(seldom.measured).toBeCloseTo(expected, 6);
});

test('unasked, it falls to 1/e in 10 s, and what was measured stays', () => {
  const ewma = after([200, SUCCESS]);
  expect(ewma.at(10_000)).toBeCloseTo(200 / Math.E, 6);
  expect(ewma.measured).toBe(200);
});

test('a failure counts as 5 s, or as what it took if that was longer', () => {
  expect(after([1, FAILURE]).at(0)).toBe(5_000);
  expect(after([8_000, FAILURE]).at(0)).toBe(8_000);
});

test('5 s after its last failure an endpoint is what it was before', () => {
  const ewma = after([10, SUCCESS], [1, FAILURE]);
  ewma.observe(1, FAILURE, 3_000);
  expect([4_999, 5_000, 7_999].map((now) => ewma.at(now))).toEqual([5_000, 5_000, 5_000]);
  expect(ewma.at(8_000)).toBeLessThan(10);
  expect([ewma.penalty(7_999), ewma.penalty(8_000), ewma.measured]).toEqual([5_000, 0, 10]);
});

test('an answer does not end the penalty: what fails every second time is not well', () => {
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

test('a failure shortens no pause that was asked for', () => {
  const ewma = after([1, throttled(60_000)], [1, FAILURE]);
  expect([ewma.penalty(0), ewma.penalty(59_999)]).toEqual([60_000, 60_000]);
});

test('an outcome that says nothing changes nothing', () => {
  expect(after([9_000, { is: 'nothing' }]).at(0)).toBe(30);
  expect(after([10, SUCCESS], [9_000, { is: 'nothing' }]).at(0)).toBe(10);
});

test('after a reset nobody has asked', () => {
  const ewma = after([10, SUCCESS], [1, FAILURE]);
  ewma.reset();
  expect([ewma.measured, ewma.penalty(0), ewma.at(0)]).toEqual([null, 0, 30]);
  ewma.observe(7, SUCCESS, 0);
  expect(ewma.at(0)).toBe(7);
});
