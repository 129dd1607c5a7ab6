import { expect, test } from 'vitest';
import { table } from '../../bench/report/table.ts';
import { verdictOf } from '../../bench/report/verdicts.ts';

const reached = (median: number, low: number, high: number) => ({
  what: 'Tributary: a rival',
  most: 0.8,
  ratio: { median, low, high },
});

test.each([
  [reached(0.7, 0.68, 0.72), 'kept'],
  [reached(0.8, 0.7, 0.8), 'kept'],
  [reached(0.9, 0.85, 0.95), 'missed'],
  [reached(0.79, 0.75, 0.83), 'kept, too close to tell'],
  [reached(0.81, 0.78, 0.84), 'missed, too close to tell'],
])('the median decides, and an interval across the target is too close to tell: %j', (one, verdict) => {
  expect(verdictOf(one)).toBe(verdict);
});

test('tables are in Markdown with right-aligned figures', () => {
  expect(
    table(
      ['', 'µs'],
      [
        ['one', '1'],
        ['another', '1000'],
      ],
    ).split('\n'),
  ).toEqual(['|         |   µs |', '|---------|-----:|', '| one     |    1 |', '| another | 1000 |']);
});
