import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { LimitResult, OpenLimiter } from '../../src/rate-limit/limiter.ts';

/** Tests for every implementation of the limiter. */
export const limiterSuite = (name: string, opened: () => Promise<OpenLimiter>): void => {
  const hour = 3_600;
  const key = () => `suite:${randomUUID()}`;
  const admitted = (results: readonly LimitResult[]): number => results.filter((result) => result.admitted).length;

  test(`${name}: admits up to the quota, counts down, and rejects the rest`, async () => {
    const [limiter, one] = [(await opened())({ limit: 3, seconds: hour }), key()];
    const results: LimitResult[] = [];
    for (let n = 0; n < 5; n += 1) results.push(await limiter.consume(one));
    expect(results.map(({ admitted: yes, remaining }) => [yes, remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
      [false, 0],
    ]);
    for (const { resetMs } of results) {
      expect(resetMs).toBeGreaterThan(0);
      expect(resetMs).toBeLessThanOrEqual(hour * 1_000);
    }
  });

  test(`${name}: admits no more than the quota concurrently`, async () => {
    const [limiter, one] = [(await opened())({ limit: 7, seconds: hour }), key()];
    expect(admitted(await Promise.all(Array.from({ length: 100 }, () => limiter.consume(one))))).toBe(7);
  });

  test(`${name}: keys are counted separately`, async () => {
    const limiter = (await opened())({ limit: 1, seconds: hour });
    const [one, other] = [key(), key()];
    expect((await limiter.consume(one)).admitted).toBe(true);
    expect((await limiter.consume(other)).admitted).toBe(true);
    expect((await limiter.consume(one)).admitted).toBe(false);
  });

  test(`${name}: different quotas are counted separately, even for one key`, async () => {
    const open = await opened();
    const one = key();
    const quotas = [
      { limit: 1, seconds: hour },
      { limit: 2, seconds: hour },
      { limit: 1, seconds: hour + 1 },
    ];
    for (const quota of quotas) expect((await open(quota).consume(one)).admitted).toBe(true);
  });

  test(`${name}: resets when the window has ended`, async () => {
    const [limiter, one] = [(await opened())({ limit: 1, seconds: 1 }), key()];
    expect((await limiter.consume(one)).admitted).toBe(true);
    expect((await limiter.consume(one)).admitted).toBe(false);
    await expect.poll(async () => (await limiter.consume(one)).admitted).toBe(true);
  });
};
