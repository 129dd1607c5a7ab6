import { expect, test } from 'vitest';
import { seeded } from '../../../test/support/random/seeded.ts';
import { backoff } from './backoff.ts';

const SETTINGS = { baseMs: 10, maxMs: 250 };

test('the wait is between the base and three times the previous wait', () => {
  expect(backoff(SETTINGS, 10, () => 0)).toBe(10);
  expect(backoff(SETTINGS, 10, () => 0.999)).toBeCloseTo(29.98);
  expect(backoff(SETTINGS, 40, () => 0)).toBe(10);
  expect(backoff(SETTINGS, 40, () => 0.5)).toBe(65);
});

test('every wait stays between the base and the maximum after any number of failures', () => {
  const random = seeded(1);
  let ms = SETTINGS.baseMs;
  const waits = Array.from({ length: 1_000 }, () => {
    ms = backoff(SETTINGS, ms, random);
    return ms;
  });
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(10);
  expect(Math.max(...waits)).toBe(250);
});

test('a maximum below the base takes precedence', () => {
  expect(backoff({ baseMs: 10, maxMs: 5 }, 10, () => 0.5)).toBe(5);
});
