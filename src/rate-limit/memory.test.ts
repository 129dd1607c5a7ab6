import { expect, onTestFinished, test, vi } from 'vitest';
import { limiterSuite } from '../../test/suites/limiter.ts';
import { manualClock } from '../../test/support/clock/manual-clock.ts';
import { MemoryLimiter, memoryLimiters } from './memory.ts';

const DAY_MS = 86_400_000;

limiterSuite('in memory', async () => memoryLimiters());

test('a client at its limit stays there during a flood of other clients', async () => {
  const limiter = new MemoryLimiter({ limit: 2, seconds: 60 }, { maxKeys: 3, clock: manualClock() });
  for (const key of ['a', 'a', 'b', 'c', 'd', 'e']) await limiter.consume(key);
  expect(limiter.size).toBe(3);
  expect((await limiter.consume('a')).admitted).toBe(false);
  expect(limiter.usedUp('a')).toEqual({ remaining: 0, resetMs: 60_000 });
});

test('a window that was dropped does not begin again', async () => {
  const limiter = new MemoryLimiter({ limit: 1, seconds: 60 }, { maxKeys: 3, clock: manualClock() });
  for (const key of ['a', 'b', 'c', 'd']) await limiter.consume(key);
  for (const key of ['a', 'b', 'c', 'd']) expect((await limiter.consume(key)).admitted).toBe(false);
});

test('the number of windows is bounded during a flood of keys, and zero after their end', async () => {
  const clock = manualClock();
  const limiter = new MemoryLimiter({ limit: 1, seconds: 60 }, { maxKeys: 100, clock });
  for (let n = 0; n < 5_000; n += 1) await limiter.consume(`key ${n}`);
  expect(limiter.size).toBe(100);
  clock.advance(60_000);
  await limiter.consume('another');
  expect(limiter.size).toBe(1);
});

test('a window ends for all of its requests in the same millisecond', async () => {
  const clock = manualClock();
  const limiter = new MemoryLimiter({ limit: 2, seconds: 10 }, { clock });
  const next = async () => {
    const { admitted, remaining, resetMs } = await limiter.consume('a');
    return [admitted, remaining, resetMs];
  };
  expect(await next()).toEqual([true, 1, 10_000]);
  clock.advance(4_000);
  expect([await next(), await next()]).toEqual([
    [true, 0, 6_000],
    [false, 0, 6_000],
  ]);
  clock.advance(5_999);
  expect(await next()).toEqual([false, 0, 1]);
  clock.advance(1);
  expect(await next()).toEqual([true, 1, 10_000]);
});

test.each([
  ['back', -DAY_MS],
  ['forward', DAY_MS],
])('a wall clock that is set %s by a day neither prolongs nor ends a window', async (_way, ms) => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const limiter = memoryLimiters()({ limit: 1, seconds: 60 });
  await limiter.consume('a');
  vi.setSystemTime(Date.now() + ms);
  const { admitted, resetMs } = await limiter.consume('a');
  expect(admitted).toBe(false);
  expect(resetMs).toBeGreaterThan(0);
  expect(resetMs).toBeLessThanOrEqual(60_000);
});
