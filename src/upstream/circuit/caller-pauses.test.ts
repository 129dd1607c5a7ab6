import { expect, test } from 'vitest';
import { callerPauses, MAX_CALLERS } from './caller-pauses.ts';

test('a 429 pauses its caller for its Retry-After, and no other caller', () => {
  const pauses = callerPauses();
  expect(pauses.pausedFor('ann', 0)).toBe(0);
  pauses.pause('ann', 3_000, 1_000);
  expect([pauses.pausedFor('ann', 1_000), pauses.pausedFor('ann', 3_999), pauses.pausedFor('ben', 1_000)]).toEqual([
    3_000, 1, 0,
  ]);
  expect(pauses.pausedFor('ann', 4_000)).toBe(0);
});

test('the longest pause applies, up to 300 seconds', () => {
  const pauses = callerPauses();
  pauses.pause('ann', 5_000, 0);
  pauses.pause('ann', 1_000, 0);
  expect(pauses.pausedFor('ann', 0)).toBe(5_000);
  pauses.pause('ann', 9e9, 0);
  expect(pauses.pausedFor('ann', 0)).toBe(300_000);
});

test('the oldest pause is dropped beyond the maximum number of callers', () => {
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
