import { expect, test } from 'vitest';
import { callerPauses, MAX_CALLERS } from './caller-pauses.ts';

test('a caller is paused for the time that the endpoint named, and no other caller is', () => {
  const pauses = callerPauses();
  expect(pauses.pausedFor('ann', 0)).toBe(0);
  pauses.pause('ann', 3_000, 1_000);
  expect([pauses.pausedFor('ann', 1_000), pauses.pausedFor('ann', 3_999), pauses.pausedFor('ben', 1_000)]).toEqual([
    3_000, 1, 0,
  ]);
  expect(pauses.pausedFor('ann', 4_000)).toBe(0);
});

test('the longest time counts, up to 300 seconds', () => {
  const pauses = callerPauses();
  pauses.pause('ann', 5_000, 0);
  pauses.pause('ann', 1_000, 0);
  expect(pauses.pausedFor('ann', 0)).toBe(5_000);
  pauses.pause('ann', 9e9, 0);
  expect(pauses.pausedFor('ann', 0)).toBe(300_000);
});

test('beyond the bound the caller that was paused longest ago is forgotten', () => {
  const pauses = callerPauses();
  for (let caller = 0; caller < MAX_CALLERS; caller++) pauses.pause(`${caller}`, 60_000, 0);
  pauses.pause('0', 60_000, 1);
  pauses.pause('one more', 60_000, 2);
  expect(['0', '1', '2', 'one more'].map((caller) => pauses.pausedFor(caller, 2) > 0)).toEqual([
    true,
    false,
    true,
    true,
  ]);
});
