import { expect, test } from 'vitest';
import { putToTheTest } from './bench.ts';
import { PROMISES } from './promises/all.ts';
import { PROTOCOLS } from './protocols.ts';

/**
 * Promises with a meaningful result in a few seconds. Only their counts decide here, because times depend on what else
 * the machine does. All promises in full, with their times: `npm run test:faults`.
 */
const QUICK = ['kill-one', 'broken-answers', 'writes-once', 'deadline', 'cancellation', 'bombs', 'list-change'];
/** Promises that count and measure no time, over both protocols at once. */
const COUNTED = ['broken-answers', 'writes-once', 'list-change'];

/** A fixed seed. FAULTS_SEED=<number> uses another. */
const SEED = Number(process.env.FAULTS_SEED ?? 1);

for (const promise of PROMISES.filter(({ id }) => QUICK.includes(id)))
  for (const protocol of PROTOCOLS)
    test(`counts over ${protocol}: ${promise.promises}`, {
      concurrent: COUNTED.includes(promise.id),
    }, async () => {
      const finding = await putToTheTest(promise, { protocol, seed: SEED, scale: 'quick', repeats: { leftMs: 0 } });
      expect(finding.verdict === 'kept' || finding.onlyTimes, `FAULTS_SEED=${SEED}: ${finding.figure}`).toBe(true);
    });
