import { expect, test } from 'vitest';
import { nearest } from './suggest.ts';

const NAMES = ['retry', 'hedge', 'circuit', 'balance', 'limits', 'maxOpenMs', 'openMs'];

test.each([
  ['retries', 'retry'],
  ['retires', 'retry'],
  ['retrys', 'retry'],
  ['rerty', 'retry'],
  ['cicruit', 'circuit'],
  ['Balance', 'balance'],
  ['limit', 'limits'],
  ['maxOpen', 'maxOpenMs'],
  ['breaker', null],
  ['', null],
  ['x'.repeat(100_000), null],
])('the nearest name to "%.20s" is %s', (written, meant) => {
  expect(nearest(written, NAMES)).toBe(meant);
});
