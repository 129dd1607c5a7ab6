import { expect, test } from 'vitest';
import { limiterSuite } from '../../test/suites/limiter.ts';
import { BoundedMemory, memoryLimiters } from './memory.ts';

limiterSuite('in memory', async () => memoryLimiters());

test('it remembers no more keys than it may, and forgets the one whose window began first', async () => {
  const limiter = new BoundedMemory({ limit: 1, seconds: 60 }, { maxKeys: 3 });
  for (const key of ['a', 'b', 'c', 'd']) await limiter.consume(key);
  expect(limiter.size).toBe(3);
  const isKnown = async (key: string) => (await limiter.get(key)) !== null;
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(isKnown))).toEqual([false, true, true, true]);
});

test('a flood of keys leaves neither keys nor counters behind', async () => {
  const limiter = new BoundedMemory({ limit: 1, seconds: 60 }, { maxKeys: 100 });
  for (let n = 0; n < 5_000; n += 1) await limiter.consume(`key ${n}`);
  expect(limiter.size).toBe(100);
  expect(limiter.dump().storage).toHaveLength(100);
});
