import { expect, test } from 'vitest';
import { undisturbed } from '../../bench/harness/disturbed.ts';
import type { Sample } from '../../bench/harness/rounds.ts';

const quiet: Sample = { cpuUs: 500, perSecond: 2_000, upstream: 4, load: 0.5, others: 0.01, stolen: 0 };
const round = (change: Partial<Sample> = {}, calibrationMs = 20) => ({
  calibrationMs,
  compressionUs: { gzip: 100, zstd: 100 },
  samples: new Map([
    ['one', quiet],
    ['other', { ...quiet, ...change }],
  ]),
});

test.each([
  ['another program ran', round({ others: 0.2 })],
  ['the host took time away', round({ stolen: 0.05 })],
  ['the core was slower than usual', round({}, 25)],
])('a round in which %s is discarded for all candidates', (_why, disturbed) => {
  const { rounds, discarded, busy } = undisturbed([round(), disturbed, round(), round()]);
  expect([rounds.length, discarded, busy]).toEqual([3, 1, false]);
});

test('with most rounds disturbed, all of them count, and the result is marked as busy', () => {
  const { rounds, discarded, busy } = undisturbed([round(), round({ others: 0.5 }), round({ others: 0.5 })]);
  expect([rounds.length, discarded, busy]).toEqual([3, 0, true]);
});
