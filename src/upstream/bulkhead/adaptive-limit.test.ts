import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { type GradientOptions, gradientLimit } from './adaptive-limit.ts';

interface Backend {
  /** Number of calls the simulated backend works on at one time. More calls share its capacity. */
  readonly workers: (now: number) => number;
  readonly baseMs: (now: number) => number;
  /** Standard deviation of the logarithm of the latency. */
  readonly spread?: number;
  /** Maximum number of calls that the simulated load has in flight. */
  readonly wanted?: number;
}

const SETTINGS = { minConcurrency: 3, maxConcurrency: 1_024 };

/** The limit at every tenth of a second, with as many calls in flight as it allows. */
const limitsOver = (seconds: number, backend: Backend, options: Partial<GradientOptions> = {}): number[] => {
  const { workers, baseMs, spread = 0, wanted = Number.POSITIVE_INFINITY } = backend;
  const random = seeded(4);
  const clock = manualClock();
  const gradient = gradientLimit({ ...SETTINGS, random, ...options }, clock.now());
  let inFlight = 0;
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const fill = () => {
    while (inFlight < Math.min(gradient.limit(), wanted)) {
      inFlight += 1;
      const crowd = Math.max(1, inFlight / workers(clock.now()));
      const ms = baseMs(clock.now()) * crowd * Math.exp(spread * normal());
      clock.after(ms, () => {
        gradient.answered(ms, inFlight, clock.now());
        inFlight -= 1;
        fill();
      });
    }
  };
  fill();
  return Array.from({ length: seconds * 10 }, () => {
    clock.advance(100);
    return gradient.limit();
  });
};

const TWENTY: Backend = { workers: () => 20, baseMs: () => 40 };

/** The reference is measured at half the limit, for a moment once a minute. */
const settles = (limits: readonly number[], low: number, high: number) => {
  expect(Math.max(...limits)).toBeLessThanOrEqual(high);
  const within = limits.filter((limit) => limit >= low).length;
  expect(within / limits.length).toBeGreaterThan(0.97);
};

describe('a backend that slows down beyond 20 calls gets a limit of 15 to 30', () => {
  test.each([3, 20, 200, 1_024])('beginning with %d', (start) => {
    settles(limitsOver(120, TWENTY, { start }).slice(600), 15, 30);
  });

  test('the limit rises from a low start within ten seconds', () => {
    settles(limitsOver(30, TWENTY, { start: 3 }).slice(100), 15, 30);
  });

  test.each([3, 200])('though its answers differ, beginning with %d', (start) => {
    settles(limitsOver(120, { ...TWENTY, spread: 0.2 }, { start }).slice(600), 15, 31);
  });
});

test('the limit follows a backend that grows or shrinks', () => {
  const grows = limitsOver(60, { ...TWENTY, workers: (now) => (now < 30_000 ? 20 : 60) });
  expect(grows[299]).toBeLessThanOrEqual(30);
  expect(grows.at(-1)).toBeGreaterThanOrEqual(60);
  const shrinks = limitsOver(60, { ...TWENTY, workers: (now) => (now < 30_000 ? 60 : 20) });
  expect(shrinks[299]).toBeGreaterThanOrEqual(60);
  expect(shrinks.at(-1)).toBeLessThanOrEqual(35);
});

test('a backend that becomes slower at any load keeps a working limit', () => {
  const limits = limitsOver(60, { ...TWENTY, baseMs: (now) => (now < 30_000 ? 40 : 160) });
  settles(limits.slice(400), 15, 31);
});

test('the limit does not rise while the load does not use it', () => {
  expect(Math.max(...limitsOver(60, { ...TWENTY, wanted: 8 }))).toBe(20);
});

test('the limit stays within its bounds', () => {
  const wide: Backend = { workers: () => 1_000, baseMs: () => 40 };
  expect(Math.max(...limitsOver(20, wide, { maxConcurrency: 50 }))).toBe(50);
  const one: Backend = { workers: () => 1, baseMs: () => 40 };
  expect(Math.min(...limitsOver(120, one))).toBe(3);
});

describe('a drop', () => {
  const begun = (options: Partial<GradientOptions> = {}) =>
    gradientLimit({ ...SETTINGS, random: () => 0.5, start: 100, ...options }, 0);

  /** After the first reference: 50 answers to calls that began after the first answer. */
  const steady = () => {
    const gradient = begun();
    gradient.answered(10, 1, 10);
    for (let answer = 0; answer < 50; answer += 1) gradient.answered(10, 50, 20 + answer);
    return gradient;
  };

  test('lowers the limit by a tenth, once in a tenth of a second', () => {
    const gradient = steady();
    expect(gradient.limit()).toBe(100);
    gradient.dropped(100);
    expect(gradient.limit()).toBe(90);
    gradient.dropped(199);
    expect(gradient.limit()).toBe(90);
    gradient.dropped(200);
    expect(gradient.limit()).toBe(81);
  });

  test('never lowers the limit below the minimum', () => {
    const gradient = steady();
    for (let now = 100; now < 10_000; now += 100) gradient.dropped(now);
    expect(gradient.limit()).toBe(3);
  });

  test('keeps the limit from rising in its window', () => {
    const rises = steady();
    const stays = steady();
    stays.dropped(80);
    for (const gradient of [rises, stays])
      for (let answer = 0; answer < 20; answer += 1) gradient.answered(10, 100, 100 + answer * 5);
    expect(rises.limit()).toBeGreaterThan(100);
    expect(stays.limit()).toBe(90);
  });
});

test('the reference uses only calls that began with at most half of the limit in flight', () => {
  const gradient = gradientLimit({ ...SETTINGS, random: () => 0.5, start: 100 }, 0);
  let now = 0;
  const answers = (count: number, ms: number, inFlight: number) => {
    for (let answer = 0; answer < count; answer += 1) {
      now += 5;
      gradient.answered(ms, inFlight, now);
    }
  };
  answers(500, 400, 80);
  answers(60, 400, 50);
  answers(80, 10, 50);
  expect(gradient.limit()).toBeGreaterThanOrEqual(100);
  const before = gradient.limit();
  answers(40, 40, 100);
  expect(gradient.limit()).toBeLessThan(before);
});
