import { describe, expect, test } from 'vitest';
import { BoundedCounters } from './bounded-counters.ts';
import { RATE_ALGORITHMS, type Rate, type RateAlgorithm } from './rate.ts';

const rateOf = (algorithm: RateAlgorithm, limit: number): Rate => ({ algorithm, limit, seconds: 60, burst: limit });

/** Counts one unit at a time. Returns false for one above the rate. */
const isAdmitted = (counters: BoundedCounters, key: string, now: number, amount = 1): boolean => {
  const measured = counters.read(key, now, amount, amount);
  if (measured.waitMs > 1e-6) return false;
  counters.write(key, now, measured, amount);
  return true;
};

const admittedOf = (counters: BoundedCounters, key: string, now: number, tries: number): number =>
  Array.from({ length: tries }, () => isAdmitted(counters, key, now)).filter(Boolean).length;

describe.each(RATE_ALGORITHMS)('the bounded counters of a rate (%s)', (algorithm) => {
  test('a flood of other keys does not drop a counter at its limit', () => {
    const counters = new BoundedCounters(rateOf(algorithm, 10), 50);
    expect(admittedOf(counters, 'victim', 0, 20)).toBe(10);
    for (let n = 0; n < 400; n += 1) isAdmitted(counters, `flood ${n}`, 0);
    expect(counters.size).toBe(50);
    expect(admittedOf(counters, 'victim', 0, 20)).toBe(0);
  });

  test('a key of which the counter was dropped does not get its units again', () => {
    const counters = new BoundedCounters(rateOf(algorithm, 10), 50);
    let admitted = 0;
    for (let round = 0; round < 30; round += 1) {
      admitted += admittedOf(counters, 'own', 0, 1);
      // Each of these has more units than the counter that they are to drop.
      for (let n = 0; n < 60; n += 1) isAdmitted(counters, `flood ${round} ${n}`, 0, 3);
    }
    expect(admitted).toBeLessThanOrEqual(10);
  });

  test('a flood of keys with one unit takes one unit of a new key', () => {
    const counters = new BoundedCounters(rateOf(algorithm, 10), 50);
    for (let n = 0; n < 100; n += 1) isAdmitted(counters, `flood ${n}`, 0);
    expect(admittedOf(counters, 'new', 0, 20)).toBe(9);
  });

  test('a new key has all units once the dropped counters have ended', () => {
    const counters = new BoundedCounters(rateOf(algorithm, 10), 50);
    for (let n = 0; n < 100; n += 1) isAdmitted(counters, `flood ${n}`, 0);
    expect(admittedOf(counters, 'new', 120_000, 20)).toBe(10);
    expect(counters.size).toBe(1);
  });

  test('no key has more than the limit in a period, whatever other keys are counted', () => {
    const counters = new BoundedCounters(rateOf(algorithm, 4), 8);
    const admitted = new Map<string, number>();
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let n = 0; n < 5_000; n += 1) {
      const key = `key ${random(40)}`;
      // All at one time: a bucket is not refilled, and no window ends.
      if (isAdmitted(counters, key, 0)) admitted.set(key, (admitted.get(key) ?? 0) + 1);
    }
    expect(Math.max(...admitted.values())).toBeLessThanOrEqual(4);
    expect(admitted.size).toBeGreaterThan(8);
    expect(counters.size).toBe(8);
  });
});
