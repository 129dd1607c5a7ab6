import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FixedCounts } from '../../bench/account/account.ts';
import { rises } from '../../bench/account/baseline.ts';
import { systemCallsIn } from '../../bench/account/system-calls.ts';

const counts: FixedCounts = { interpretedKib: 100, promises: 40, timers: 2, immediates: 0, ticks: 5, copies: 20 };

test('a count may rise by 5 % and fall by any share', () => {
  expect(rises({ page: { ...counts, interpretedKib: 105, promises: 42, timers: 1 } }, { page: counts })).toEqual([]);
});

test.each([
  [{ interpretedKib: 106 }, 'page: interpretedKib rose from 100 to 106'],
  [{ timers: 3 }, 'page: timers rose from 2 to 3'],
  [{ immediates: 1 }, 'page: immediates rose from 0 to 1'],
  [{ copies: Number.NaN }, 'page: copies rose from 20 to NaN'],
])('%j is a rise', (changed, rise) => {
  expect(rises({ page: { ...counts, ...changed } }, { page: counts })).toEqual([rise]);
});

test('layers copy a call by the function whose calls are counted', () => {
  expect(readFileSync('src/upstream/call.ts', 'utf8')).toContain('export const copyOf = (');
});

test('a workload without a baseline has no rise', () => {
  expect(rises({ page: counts }, {})).toEqual([]);
});

test('calls are read from the table of strace, with and without errors', () => {
  const printed = [
    '% time     seconds  usecs/call     calls    errors syscall',
    '------ ----------- ----------- --------- --------- ----------------',
    ' 61.20    0.203432          48      4200       12 read',
    ' 30.10    0.100000          23      4300           write',
    '------ ----------- ----------- --------- --------- ----------------',
    '100.00    0.303432          35      8500       12 total',
  ].join('\n');
  expect(systemCallsIn(printed, 1_000)).toEqual([
    ['write', 4.3],
    ['read', 4.2],
  ]);
});
