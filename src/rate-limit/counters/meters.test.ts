import { describe, expect, test } from 'vitest';
import type { CounterState } from './meter.ts';
import { METERS } from './meters.ts';
import type { Rate, RateAlgorithm } from './rate.ts';

const rateOf = (algorithm: RateAlgorithm, limit: number, seconds: number, burst = limit): Rate => ({
  algorithm,
  limit,
  seconds,
  burst,
});

/** Counts one unit at each time. Returns the times, in milliseconds, at which it was admitted. */
const admittedAt = (rate: Rate, times: readonly number[]): readonly number[] => {
  let state: CounterState | null = null;
  return times.filter((now) => {
    const { waitMs, next } = METERS[rate.algorithm](state, now, rate, 1, 1);
    if (waitMs > 1e-6) return false;
    state = next;
    return true;
  });
};

const every = (stepMs: number, endMs: number): readonly number[] =>
  Array.from({ length: Math.ceil(endMs / stepMs) }, (_, index) => index * stepMs);

describe('a token bucket', () => {
  const rate = rateOf('token-bucket', 60, 60, 5);

  test('admits a burst, and then one unit for each token that is refilled', () => {
    const atOnce = Array<number>(8).fill(0);
    expect(admittedAt(rate, atOnce)).toHaveLength(5);
    expect(admittedAt(rate, [...atOnce, 999, 1_000, 1_001, 3_000, 3_000, 3_000])).toEqual([
      ...atOnce.slice(0, 5),
      1_000,
      3_000,
      3_000,
    ]);
  });

  test('is full again after a pause, and not more than full', () => {
    const later = Array<number>(10).fill(1_000_000);
    expect(admittedAt(rate, [...Array<number>(5).fill(0), ...later])).toHaveLength(10);
  });

  test('has the time at which a unit is available', () => {
    const empty = METERS['token-bucket']([0, 5], 0, rate, 1, 1);
    expect(empty.waitMs).toBe(1_000);
    expect(METERS['token-bucket']([0, 5], 0, rate, 3, 3).waitMs).toBe(3_000);
    expect(METERS['token-bucket'](null, 0, rate, 6, 6).waitMs).toBe(Number.POSITIVE_INFINITY);
  });

  test('is not longer empty than a period, even if the clock was set back', () => {
    const bucket = METERS['token-bucket'];
    expect(bucket([61_000, 5], 1_000, rate, 1, 1).waitMs).toBe(1_000);
    expect(bucket([61_001, 5], 1_000, rate, 1, 1).waitMs).toBe(0);
  });

  test('counts each unit of a rate with many units in a millisecond, at the time of a store', () => {
    const fast = rateOf('token-bucket', 100_000_000, 1, 1_000);
    expect(admittedAt(fast, Array<number>(1_100).fill(1_790_000_000_000))).toHaveLength(1_000);
  });

  test('admits the burst and the refill over ten periods, to the unit', () => {
    expect(admittedAt(rate, every(10, 600_000)).length).toBe(5 + 599);
  });
});

describe('a sliding window', () => {
  const rate = rateOf('sliding-window', 10, 60);

  test('admits the limit at once, and further units as those of the period before leave the window', () => {
    const first = Array<number>(15).fill(0);
    const admitted = admittedAt(rate, [...first, ...every(1_000, 120_000).slice(1)]);
    expect(admitted.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(admitted.slice(10)).toEqual([66_000, 72_000, 78_000, 84_000, 90_000, 96_000, 102_000, 108_000, 114_000]);
  });

  test('does not admit twice the limit around the end of a period, as a fixed window does', () => {
    const around = [...Array<number>(20).fill(59_000), ...Array<number>(20).fill(61_000)];
    expect(admittedAt(rate, around).length).toBe(10);
    expect(
      admittedAt(rateOf('fixed-window', 10, 1), [...Array<number>(20).fill(0), ...Array<number>(20).fill(1_000)]),
    ).toHaveLength(20);
  });

  test('is within one unit of its quota in each of ten periods of constant overload', () => {
    const admitted = admittedAt(rate, every(100, 600_000));
    for (let period = 0; period < 10; period += 1) {
      const count = admitted.filter((now) => Math.floor(now / 60_000) === period).length;
      expect([9, 10]).toContain(count);
    }
  });

  test.each([
    ['in the period of the units', [0, 0, 10], 30_000, 1, 36_000],
    ['in the period after the units', [0, 0, 10], 60_000, 1, 6_000],
    ['with units in both periods', [1, 5, 8], 60_000, 1, 48_000],
    ['for more than the limit', null, 0, 11, Number.POSITIVE_INFINITY],
  ])('has the time at which a unit is available %s', (_, state, now, needed, waitMs) => {
    expect(METERS['sliding-window'](state, now, rate, needed, needed).waitMs).toBeCloseTo(waitMs, 6);
    if (!Number.isFinite(waitMs)) return;
    expect(METERS['sliding-window'](state, now + waitMs + 0.001, rate, needed, needed).waitMs).toBe(0);
  });
});

describe('a fixed window', () => {
  const rate = rateOf('fixed-window', 3, 10);

  test('begins with the first unit, and admits the limit until its end', () => {
    expect(admittedAt(rate, [7_000, 8_000, 9_000, 16_999, 17_000, 17_000])).toEqual([
      7_000, 8_000, 9_000, 17_000, 17_000,
    ]);
  });

  test('is never longer than its period, even if the clock was set back', () => {
    expect(METERS['fixed-window']([9_000_000, 3], 1_000, rate, 1, 1)).toMatchObject({ waitMs: 0, resetMs: 10_000 });
  });
});

test.each([
  ['token-bucket', 5],
  ['sliding-window', 10],
  ['fixed-window', 10],
] as const)('%s: returned units are available again, and not more than the capacity', (algorithm, capacity) => {
  const rate = rateOf(algorithm, 10, 10, capacity);
  const meter = METERS[algorithm];
  const taken = meter(null, 1_000, rate, 5, 5).next;
  const returned = meter(taken, 1_000, rate, 0, -3).next;
  expect(meter(returned, 1_000, rate, 1, 1).free).toBeCloseTo(capacity - 2, 6);
  const all = meter(returned, 1_000, rate, 0, -100).next;
  expect(meter(all, 1_000, rate, 1, 1).free).toBeCloseTo(capacity, 6);
});

test('a debt of a token bucket is kept until it is refilled, and is at most as large as the limit', () => {
  const rate = rateOf('token-bucket', 10, 10, 5);
  const meter = METERS['token-bucket'];
  const owing = meter(null, 1_000, rate, 0, 9).next;
  expect(meter(owing, 1_000, rate, 1, 1)).toMatchObject({ free: -4, waitMs: 5_000 });
  expect(meter(owing, 5_000, rate, 1, 1).waitMs).toBe(1_000);
  const most = meter(null, 1_000, rate, 0, 1_000_000);
  expect(most.resetMs).toBe(15_000);
  expect(meter(most.next, 1_000, rate, 1, 1)).toMatchObject({ free: -10, waitMs: 11_000 });
});

test('returned units of a sliding window may have been counted in the period before', () => {
  const rate = rateOf('sliding-window', 10, 10);
  const taken = METERS['sliding-window'](null, 9_000, rate, 8, 8).next;
  const returned = METERS['sliding-window'](taken, 10_000, rate, 0, -8).next;
  expect(METERS['sliding-window'](returned, 10_000, rate, 1, 1).free).toBe(10);
});
