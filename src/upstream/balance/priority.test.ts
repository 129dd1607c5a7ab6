import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spreadByPriority } from './priority.ts';

const ENVOY = { overprovisioning: 1.4, panicThreshold: 0.5 };

/** Whole percents for levels of 100 endpoints, with these numbers of usable ones. */
const percents = (...usable: readonly number[]): readonly number[] =>
  spreadByPriority(
    usable.map((count) => ({ size: 100, usable: count })),
    ENVOY,
  ).map(({ share }) => Math.round(share * 100));

const panics = (...usable: readonly number[]): readonly boolean[] =>
  spreadByPriority(
    usable.map((count) => ({ size: 100, usable: count })),
    ENVOY,
  ).map(({ panic }) => panic);

// https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority
for (const [healthy, ...expected] of [
  [100, 100, 0],
  [72, 100, 0],
  [71, 99, 1],
  [50, 70, 30],
  [25, 35, 65],
  [0, 0, 100],
] as const)
  test(`with ${healthy} % of the first level usable, it gets ${expected[0]} % and the next ${expected[1]} %`, () => {
    expect(percents(healthy, 100)).toEqual(expected);
    expect(panics(healthy, 100)).toEqual([false, false]);
  });

test('two levels that together cannot carry all calls are loaded in proportion', () => {
  expect(percents(25, 25)).toEqual([50, 50]);
  expect(percents(5, 65)).toEqual([7, 93]);
});

test('the third level receives what the first two leave', () => {
  expect(percents(25, 25, 100)).toEqual([35, 35, 30]);
  expect(percents(100, 0, 0)).toEqual([100, 0, 0]);
});

test('panic requires that all levels together cannot carry all calls, and affects those below the threshold', () => {
  expect(panics(0, 100)).toEqual([false, false]);
  expect(panics(25, 60)).toEqual([false, false]);
  expect(panics(25, 25)).toEqual([true, true]);
  expect(panics(5, 65)).toEqual([true, false]);
});

test('with every level in panic, calls are spread by the number of endpoints', () => {
  const loads = spreadByPriority(
    [
      { size: 3, usable: 1 },
      { size: 1, usable: 0 },
    ],
    ENVOY,
  );
  expect(loads).toEqual([
    { share: 0.75, panic: true },
    { share: 0.25, panic: true },
  ]);
});

test('a threshold of 0 disables panic', () => {
  expect(spreadByPriority([{ size: 3, usable: 0 }], { ...ENVOY, panicThreshold: 0 })).toEqual([
    { share: 0, panic: false },
  ]);
});

test('shares add up to 1, and an empty level receives none', () => {
  const level = fc.nat(20).chain((size) => fc.record({ size: fc.constant(size), usable: fc.nat(size) }));
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 4 }), (levels) => {
      const loads = spreadByPriority(levels, ENVOY);
      const sum = loads.reduce((total, { share }) => total + share, 0);
      const isAnyPresent = levels.some(({ size }) => size > 0);
      if (isAnyPresent) expect(sum).toBeCloseTo(1, 9);
      for (const [index, { share, panic }] of loads.entries())
        if (!panic && levels[index]?.usable === 0) expect(share).toBe(0);
    }),
  );
});
