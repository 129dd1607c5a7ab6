import { expect, test } from 'vitest';
import { credentialsReached } from '../../bench/report/credentials.ts';
import { table } from '../../bench/report/table.ts';
import { verdictOf } from '../../bench/report/verdicts.ts';
import { mostUsOfCredential } from '../../bench/targets.ts';

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

test('the check of a session may take 15 µs and that of an API key 20 µs; others have no promise', () => {
  const cost = (name: string, us: number) => ({ name, cpuUsByRound: [us, us, us] });
  const costs = [
    cost('session, known', 15),
    cost('session, read after a second', 100),
    cost('API key, right, of 1,000', 21),
    cost('JWT, new', 200),
  ];
  const found = credentialsReached(costs, mostUsOfCredential);
  expect(found.map((one) => [one.what, verdictOf(one)])).toEqual([
    ['session, known: 15 µs', 'kept'],
    ['API key, right, of 1,000: 20 µs', 'missed'],
  ]);
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
