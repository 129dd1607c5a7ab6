import { expect, test } from 'vitest';
import { parseStatus, readable, statusOfHttp, statusOfReset } from './status.ts';

test.each([
  ['0', 'OK'],
  ['5', 'NOT_FOUND'],
  ['16', 'UNAUTHENTICATED'],
  ['17', 'UNKNOWN'],
  ['', 'UNKNOWN'],
  ['-1', 'UNKNOWN'],
  ['0x5', 'UNKNOWN'],
  ['5 ', 'UNKNOWN'],
])('grpc-status %j is %s', (header, status) => {
  expect(parseStatus(header)).toBe(status);
});

test.each([
  [400, 'INTERNAL'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [429, 'UNAVAILABLE'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'UNAVAILABLE'],
  [302, 'UNKNOWN'],
  [500, 'UNKNOWN'],
])('HTTP %i is %s', (http, status) => {
  expect(statusOfHttp(http)).toBe(status);
});

test('an undefined HTTP/2 error code is UNKNOWN', () => {
  expect(statusOfReset(11)).toBe('RESOURCE_EXHAUSTED');
  expect(statusOfReset(4_000)).toBe('UNKNOWN');
});

test("a server's message becomes a single short line", () => {
  expect(readable('a\r\nb\u0000\u001b[31mc\u202ed')).toBe('a b [31mc d');
  expect(readable('x'.repeat(10_000))).toHaveLength(200);
});
