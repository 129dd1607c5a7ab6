import { expect, test } from 'vitest';
import { putToTheTest } from './bench.ts';
import { PROMISES } from './promises/all.ts';
import { PROTOCOLS } from './protocols.ts';

/** Promises with a meaningful result in a few seconds. All of them, in full: `npm run test:faults`. */
const QUICK = ['kill-one', 'broken-answers', 'writes-once', 'deadline', 'cancellation', 'bombs', 'list-change'];
/** Promises that count and measure no time, over both protocols at once. */
const COUNTED = ['broken-answers', 'writes-once', 'list-change'];

for (const promise of PROMISES.filter(({ id }) => QUICK.includes(id)))
  for (const protocol of PROTOCOLS)
    test(`over ${protocol}: ${promise.promises}`, {
      timeout: 60_000,
      concurrent: COUNTED.includes(promise.id),
    }, async () => {
      const seed = Math.floor(Math.random() * 1e9);
      const { verdict, figure } = await putToTheTest(promise, { protocol, seed, scale: 'quick' });
      expect(verdict, `seed ${seed}: ${figure}`).toBe('kept');
    });
