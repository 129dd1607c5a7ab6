import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { DEFAULT_OVERLOAD, type OverloadLimits } from '../rules/rule.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { LoadShedding } from './load-shedding.ts';

const OVERLOAD: OverloadLimits = {
  delayMs: { critical: null, default: 400, sheddable: 50 },
  inFlight: { critical: 10, default: 6, sheddable: 2 },
  isSet: true,
};

const admittedOf100 = (delayMs: number, priority: 'critical' | 'default' | 'sheddable'): number => {
  const shedding = new LoadShedding(() => delayMs);
  return Array.from({ length: 100 }, () => shedding.admits(priority, OVERLOAD)).filter((admitted) => admitted).length;
};

test.each([
  [0, 100, 100, 100],
  [50, 100, 100, 100],
  [60, 80, 100, 100],
  [75, 50, 100, 100],
  [100, 0, 100, 100],
  [400, 0, 100, 100],
  [600, 0, 50, 100],
  [5_000, 0, 0, 100],
])('at a delay of %i ms, %i sheddable, %i default and %i critical requests of 100 go on', (delay, ...expected) => {
  expect([
    admittedOf100(delay, 'sheddable'),
    admittedOf100(delay, 'default'),
    admittedOf100(delay, 'critical'),
  ]).toEqual(expected);
});

test('requests in flight are bounded by priority, and those that end make room', () => {
  const shedding = new LoadShedding(() => 0);
  const admits = (priority: 'critical' | 'default' | 'sheddable') => {
    shedding.enter();
    const admitted = shedding.admits(priority, OVERLOAD);
    if (!admitted) shedding.leave();
    return admitted;
  };
  expect([admits('sheddable'), admits('sheddable'), admits('sheddable')]).toEqual([true, true, false]);
  expect(Array.from({ length: 5 }, () => admits('default'))).toEqual([true, true, true, true, false]);
  expect(Array.from({ length: 5 }, () => admits('critical'))).toEqual([true, true, true, true, false]);
  for (let n = 0; n < 9; n += 1) shedding.leave();
  expect(admits('sheddable')).toBe(true);
});

test('without bounds of its own, a file sheds only requests that it names sheddable', () => {
  const shedding = new LoadShedding(() => 1_000);
  expect(
    ['critical', 'default', 'sheddable'].map((one) => shedding.admits(one as 'critical', DEFAULT_OVERLOAD)),
  ).toEqual([true, true, false]);
});

test('the delay rises with one late timer, and falls over several', () => {
  const clock = manualClock();
  let late = 0;
  const delay = new EventLoopDelay({ ...clock, now: () => clock.now() + late });
  clock.advance(10);
  expect(delay.ms).toBe(0);
  late = 200;
  clock.advance(10);
  expect(delay.ms).toBe(200);
  clock.advance(70);
  expect(delay.ms).toBeCloseTo(200 * 0.9 ** 7, 3);
});
