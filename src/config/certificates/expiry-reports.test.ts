import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { type ExpiryEvent, ExpiryReports } from './expiry-reports.ts';

const DAY_MS = 86_400_000;
const root = TestAuthority.root();
const used = (from: number, to: number) => ({
  use: 'client' as const,
  place: '/cert',
  certificate: new X509Certificate(root.issue({ days: [from, to] }).certificate),
});

/** Days before the end of the first certificate at which something is reported, with the kind of the report. */
const reportsOf = (certificates: readonly ReturnType<typeof used>[], daysLeft: readonly number[]) => {
  const events: ExpiryEvent[] = [];
  const reports = new ExpiryReports((event) => events.push(event));
  const end = certificates[0]?.certificate.validToDate.getTime() ?? 0;
  return daysLeft.flatMap((days) => {
    events.length = 0;
    reports.check(certificates, end - days * DAY_MS);
    return events.map(({ to }) => [days, to]);
  });
};

test('a certificate of a year is reported 30, 7 and 1 day before its end, and at its end, once each', () => {
  const days = Array.from({ length: 380 }, (_, day) => 364.5 - day);
  expect(reportsOf([used(-1, 365)], days)).toEqual([
    [29.5, 'expires-soon'],
    [6.5, 'expires-soon'],
    [0.5, 'expires-soon'],
    [-0.5, 'expired'],
  ]);
});

test('a certificate of a day is reported in its last third only', () => {
  const hours = Array.from({ length: 30 }, (_, hour) => 23.5 - hour);
  const reports = reportsOf(
    [used(0, 1)],
    hours.map((hour) => hour / 24),
  );
  expect(reports.map(([days, to]) => [Number(days) * 24, to])).toEqual([
    [7.5, 'expires-soon'],
    [-0.5, 'expired'],
  ]);
});

test('one certificate of several servers is reported once', () => {
  const one = used(-300, 5);
  expect(reportsOf([one, { ...one, place: '/other' }], [5, 4])).toEqual([[5, 'expires-soon']]);
});

test('a certificate that is not valid yet is reported', () => {
  expect(reportsOf([used(2, 90)], [90, 89])).toEqual([[90, 'not-yet-valid']]);
});
