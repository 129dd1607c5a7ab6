import { expect, test } from 'vitest';
import { tributary } from '../../bench/harness/contenders.ts';
import type { Result } from '../../bench/harness/measure.ts';
import type { Round, Sample } from '../../bench/harness/rounds.ts';
import { ratioApart, withBrowser, withGzip } from '../../bench/harness/variants.ts';
import { orderPage } from '../../bench/workloads/order-page.ts';

const sample = (cpuUs: number): Sample => ({ cpuUs, perSecond: 1, upstream: 4, load: 0, others: 0, stolen: 0 });

const [plain, compressed] = [withBrowser(tributary), withGzip(tributary)];

const round = (speed: number): Round => ({
  calibrationMs: 20,
  compressionUs: { gzip: 200 * speed, zstd: 0 },
  samples: new Map([
    [plain.name, sample(1_000 * speed)],
    [compressed.name, sample(1_300 * speed)],
  ]),
});

const rounds = [1, 2, 1.5].map(round);
const result: Result = { workload: orderPage, rounds, discarded: 0, busy: false, measured: [] };

test('the ratio to a server without compression leaves out gzip as measured in the same round', () => {
  expect(ratioApart(result, compressed, plain).median).toBeCloseTo(1.1);
});

test('the ratio of a server whose answers are not compressed is that of its CPU', () => {
  expect(ratioApart(result, plain, plain).median).toBe(1);
});
