import { expect, test } from 'vitest';
import { nearestSuggestion } from './suggest.ts';

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
])('the nearest name to "%.20s" is %s', (written, suggestion) => {
  expect(nearestSuggestion(written, NAMES)).toBe(suggestion);
});
