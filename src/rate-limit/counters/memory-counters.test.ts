import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import type { Charge, TakenPlace } from './counters.ts';
import { MemoryCounters } from './memory-counters.ts';
import type { Rate } from './rate.ts';

const RATE: Rate = { algorithm: 'fixed-window', limit: 2, seconds: 60, burst: 2 };

const charge = (key: string, changes: Partial<Charge> = {}): Charge => ({
  ...{ key, rate: RATE, needed: 1, amount: 1, isEnforced: true, onStoreFailure: 'local' },
  ...changes,
});

const place = (holder: string, slots: number): TakenPlace => ({
  ...{ key: 'places', slots, holder, ms: 5_000, isEnforced: true, onStoreFailure: 'local' },
});

const admitted = async (counters: MemoryCounters, charges: readonly Charge[], places: readonly TakenPlace[] = []) => {
  const granted = await counters.take({ charges, places });
  return [...granted.charges, ...granted.places].map((one) => one.admitted);
};

test('a refused request takes nothing of the limits that admit it', async () => {
  const counters = new MemoryCounters({ clock: manualClock() });
  await admitted(counters, [charge('narrow', { needed: 2, amount: 2 })]);
  expect(await admitted(counters, [charge('wide'), charge('narrow')])).toEqual([true, false]);
  expect(await admitted(counters, [charge('wide'), charge('wide', { needed: 2, amount: 1 })])).toEqual([true, true]);
});

test('a limit that is only measured refuses nothing, and counts nothing beyond it', async () => {
  const counters = new MemoryCounters({ clock: manualClock() });
  const measured = charge('measured', { isEnforced: false });
  const results: (readonly boolean[])[] = [];
  for (let n = 0; n < 4; n += 1) results.push(await admitted(counters, [measured, charge(`own ${n}`)]));
  expect(results).toEqual([
    [true, true],
    [true, true],
    [false, true],
    [false, true],
  ]);
});

test('places are taken until they are returned, or their time is over', async () => {
  const clock = manualClock();
  const counters = new MemoryCounters({ clock });
  const first = await counters.take({ charges: [], places: [place('a', 2)] });
  expect(first.places[0]).toMatchObject({ admitted: true, remaining: 1 });
  expect(await admitted(counters, [], [place('b', 2)])).toEqual([true]);
  expect(await admitted(counters, [], [place('c', 2)])).toEqual([false]);
  first.settle([], [place('a', 2)]);
  expect(await admitted(counters, [], [place('c', 2)])).toEqual([true]);
  clock.advance(5_000);
  expect(await admitted(counters, [], [place('d', 2), place('e', 2)])).toEqual([true, true]);
});

test('a request without a free place takes nothing of its rates', async () => {
  const counters = new MemoryCounters({ clock: manualClock() });
  await admitted(counters, [], [place('a', 1)]);
  expect(await admitted(counters, [charge('rate')], [place('b', 1)])).toEqual([true, false]);
  expect(await admitted(counters, [charge('rate', { needed: 2, amount: 2 })])).toEqual([true]);
});

test('a counter at its limit stays there during a flood of other keys', async () => {
  const counters = new MemoryCounters({ clock: manualClock(), maxKeys: 3 });
  for (const key of ['a', 'a', 'b', 'c', 'd', 'e']) await admitted(counters, [charge(key)]);
  expect(counters.size).toBe(3);
  expect(await admitted(counters, [charge('a')])).toEqual([false]);
});

test('a caller does not get units again by a flood of keys that drops its own counter', async () => {
  const counters = new MemoryCounters({ clock: manualClock(), maxKeys: 3 });
  await admitted(counters, [charge('own')]);
  for (const key of ['a', 'a', 'b', 'b', 'c', 'c']) await admitted(counters, [charge(key)]);
  const own: (readonly boolean[])[] = [];
  for (let n = 0; n < 3; n += 1) own.push(await admitted(counters, [charge('own')]));
  expect(own).toEqual([[true], [false], [false]]);
});

test('counters that are as new take no memory', async () => {
  const clock = manualClock();
  const counters = new MemoryCounters({ clock });
  for (let n = 0; n < 1_000; n += 1) await admitted(counters, [charge(`k${n}`)]);
  clock.advance(60_000);
  await admitted(counters, [charge('last')]);
  expect(counters.size).toBe(1);
});
