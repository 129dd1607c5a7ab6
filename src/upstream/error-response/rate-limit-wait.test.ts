import { expect, test } from 'vitest';
import { isUsedUp, rateLimitWaitMs } from './rate-limit-wait.ts';

/** 2 May 2026, 12:00:00 UTC. */
const NOW = Date.UTC(2026, 4, 2, 12);
const inSeconds = (seconds: number) => String(NOW / 1_000 + seconds);

test.each<[string, Record<string, string>, number | null]>([
  ['the current draft', { ratelimit: '"default";r=0;t=30' }, 30_000],
  ['several quotas, one used up', { ratelimit: '"second";r=5;t=1, "hour";r=0;t=90' }, 90_000],
  ['several quotas, two used up', { ratelimit: '"a";r=0;t=9, "b";r=0;t=40' }, 40_000],
  ['a quota without a time', { ratelimit: '"a";r=0', 'ratelimit-policy': '"b";q=9;w=5, "a";q=1;w=60' }, 60_000],
  ['a quota without a time and a policy', { ratelimit: '"a";r=0' }, null],
  ['an earlier draft in one header', { ratelimit: 'limit=100, remaining=0, reset=7' }, 7_000],
  ['an earlier draft in three headers', { 'ratelimit-remaining': '0', 'ratelimit-reset': '12' }, 12_000],
  ['GitHub', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(60) }, 60_000],
  ['Twitter', { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': inSeconds(20) }, 20_000],
  ['a wait under the usual name', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3' }, 3_000],
  ['fractions of a second', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1.5' }, 1_500],
  ['a reset without a count', { 'x-ratelimit-reset': '5' }, 5_000],
  ['a reset of a quota that is not used up', { 'x-ratelimit-remaining': '4', 'x-ratelimit-reset': '5' }, null],
  ['an hour', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(3_600) }, 300_000],
  ['no header', {}, null],
])('the wait of %s', (_what, headers, ms) => {
  expect(rateLimitWaitMs(headers, NOW)).toBe(ms);
});

test.each([
  '-5',
  'NaN',
  '',
  'soon',
  'Infinity',
  '1e9',
  '0x10',
  inSeconds(-5),
  inSeconds(0.5e9),
  '9'.repeat(15),
  '9'.repeat(400),
])('a reset of %s is ignored', (reset) => {
  expect(rateLimitWaitMs({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, NOW)).toBeNull();
});

test('a reset at a time counts from the Date of the answer, even with a wrong clock', () => {
  const headers = {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': inSeconds(10),
    date: new Date(NOW).toUTCString(),
  };
  expect(rateLimitWaitMs(headers, NOW + 86_400_000)).toBe(10_000);
});

test('a quota is used up if nothing of it remains', () => {
  expect(isUsedUp({ 'x-ratelimit-remaining': '0' })).toBe(true);
  expect(isUsedUp({ ratelimit: '"a";r=1, "b";r=0' })).toBe(true);
  expect(isUsedUp({ 'x-ratelimit-remaining': '-0' })).toBe(false);
  expect(isUsedUp({ 'x-ratelimit-remaining': '1' })).toBe(false);
  expect(isUsedUp({})).toBe(false);
});
