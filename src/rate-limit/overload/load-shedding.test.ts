import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { DEFAULT_OVERLOAD, type OverloadLimits } from '../rules/rule.ts';
import { type EventLoopLoad, MeasuredEventLoop } from './event-loop.ts';
import { LoadShedding } from './load-shedding.ts';
import type { Priority } from './priority.ts';

const PRIORITIES = ['sheddable', 'default', 'critical'] as const;
const IDLE: EventLoopLoad = { delayMs: 0, utilization: 0 };

const OVERLOAD: OverloadLimits = {
  delayMs: { critical: null, default: 400, sheddable: 50 },
  utilization: { critical: null, default: 0.75, sheddable: 0.5 },
  inFlight: { critical: 10, default: 6, sheddable: 2 },
  isSet: true,
};

const admittedOf100 = (load: Partial<EventLoopLoad>, priority: Priority): number => {
  const shedding = new LoadShedding(() => ({ ...IDLE, ...load }));
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
])('at a delay of %i ms, %i sheddable, %i default and %i critical requests of 100 go on', (delayMs, ...expected) => {
  expect(PRIORITIES.map((priority) => admittedOf100({ delayMs }, priority))).toEqual(expected);
});

test.each([
  [0, 100, 100, 100],
  [0.5, 100, 100, 100],
  [0.625, 75, 100, 100],
  [0.75, 50, 100, 100],
  [0.875, 25, 50, 100],
  [1, 0, 0, 100],
])(
  'at a utilization of %d, %i sheddable, %i default and %i critical requests of 100 go on',
  (utilization, ...expected) => {
    expect(PRIORITIES.map((priority) => admittedOf100({ utilization }, priority))).toEqual(expected);
  },
);

test('of the delay and the utilization, the one that refuses more decides', () => {
  expect(admittedOf100({ delayMs: 60, utilization: 0.875 }, 'sheddable')).toBe(25);
  expect(admittedOf100({ delayMs: 100, utilization: 0.625 }, 'sheddable')).toBe(0);
});

test('requests in flight are bounded by priority, and those that end make room', () => {
  const shedding = new LoadShedding(() => IDLE);
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
  const shedding = new LoadShedding(() => ({ ...IDLE, delayMs: 1_000 }));
  expect(
    ['critical', 'default', 'sheddable'].map((one) => shedding.admits(one as 'critical', DEFAULT_OVERLOAD)),
  ).toEqual([true, true, false]);
});

test('the delay rises with one late timer, and falls over several', () => {
  const clock = manualClock();
  let late = 0;
  const eventLoop = new MeasuredEventLoop({ ...clock, now: () => clock.now() + late });
  clock.advance(10);
  expect(eventLoop.delayMs).toBe(0);
  late = 200;
  clock.advance(10);
  expect(eventLoop.delayMs).toBe(200);
  clock.advance(70);
  expect(eventLoop.delayMs).toBeCloseTo(200 * 0.9 ** 7, 3);
});

test('the utilization is the mean of about the last 100 ms, by the time that each sample took', () => {
  const clock = manualClock();
  const activity = { active: 500, idle: 500 };
  const eventLoop = new MeasuredEventLoop(clock, () => ({ ...activity }));
  const sample = (active: number, idle: number): number => {
    activity.active += active;
    activity.idle += idle;
    clock.advance(10);
    return eventLoop.utilization;
  };
  expect(eventLoop.utilization).toBe(0);
  expect(sample(10, 0)).toBeCloseTo(1 - Math.exp(-0.1), 6);
  for (let n = 0; n < 99; n += 1) sample(8, 2);
  expect(eventLoop.utilization).toBeCloseTo(0.8, 3);
  expect(sample(0, 0)).toBeCloseTo(0.8, 3);
  expect(sample(300, 0)).toBeCloseTo(1 - 0.2 * Math.exp(-3), 3);
});
