import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 9, 5, 12, 0, 0);

test.each([
  ['0', 0],
  ['3', 3_000],
  [' 3 ', 3_000],
  ['300', 300_000],
  ['301', 300_000],
  ['9'.repeat(400), 300_000],
])('a number of seconds is converted to milliseconds: %s', (value, ms) => {
  expect(retryAfterMs(value, NOW)).toBe(ms);
});

test.each([
  ['Mon, 05 Oct 2026 12:00:03 GMT', 3_000],
  ['Monday, 05-Oct-26 12:00:03 GMT', 3_000],
  ['Mon Oct  5 12:00:03 2026', 3_000],
  ['Mon, 05 Oct 2026 12:30:00 GMT', 300_000],
  ['Thu, 01 Jan 2099 00:00:00 GMT', 300_000],
])('each of the three HTTP date formats is accepted: %s', (value, ms) => {
  expect(retryAfterMs(value, NOW)).toBe(ms);
});

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  'a past date is a wait of 0: %s',
  (value) => {
    expect(retryAfterMs(value, NOW)).toBe(0);
  },
);

test('a year of two digits is at most 50 years ahead', () => {
  expect(retryAfterMs('Monday, 05-Oct-76 12:00:03 GMT', NOW)).toBe(300_000);
  expect(retryAfterMs('Monday, 05-Oct-77 12:00:03 GMT', NOW)).toBe(0);
});

test.each([
  undefined,
  '',
  '-5',
  '+5',
  '1.5',
  '1e3',
  '0x10',
  '3, 5',
  'soon',
  'soon 1',
  '2026-10-05T12:00:03Z',
  'Mon, 5 Oct 2026 12:00:03 GMT',
  'Mon, 05 Oct 2026 12:00:03 CET',
  'Mon, 05 Okt 2026 12:00:03 GMT',
  'Sat, 31 Feb 2026 12:00:03 GMT',
  'Mon, 05 Oct 2026 24:00:03 GMT',
  'Infinity',
])('an invalid value is ignored: %s', (value) => {
  expect(retryAfterMs(value, NOW)).toBeNull();
});

test.each([
  // [Retry-After, Date, wait]
  ['Sun, 04 Oct 2026 12:00:03 GMT', 'Sun, 04 Oct 2026 12:00:00 GMT', 3_000],
  ['Tue, 06 Oct 2026 12:00:03 GMT', 'Tue, 06 Oct 2026 12:00:00 GMT', 3_000],
  ['Tuesday, 06-Oct-26 12:00:03 GMT', 'Tue Oct  6 12:00:00 2026', 3_000],
  ['Mon, 05 Oct 2026 12:00:03 GMT', 'Mon, 05 Oct 2026 12:00:04 GMT', 0],
  ['Tue, 06 Oct 2026 12:00:00 GMT', 'Mon, 05 Oct 2026 12:00:00 GMT', 300_000],
  ['Mon, 05 Oct 2026 12:00:03 GMT', 'soon', 3_000],
  ['3', 'Tue, 06 Oct 2026 12:00:00 GMT', 3_000],
])('Retry-After %s with Date %s counts from the upstream’s clock', (value, date, ms) => {
  expect(retryAfterMs(value, NOW, date)).toBe(ms);
});
