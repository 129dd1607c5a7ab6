import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { expect, test } from 'vitest';
import { counting } from './counting.ts';

test('a window is not longer than the quota, even after the store’s clock was set back', async () => {
  const counter: RateLimiterAbstract = new RateLimiterMemory({ points: 1, duration: 60 });
  counter.consume = () => Promise.reject(new RateLimiterRes(0, 86_403_000, 2, false));
  const result = await counting(counter, { limit: 1, seconds: 60 }).consume('a');
  expect(result).toEqual({ admitted: false, remaining: 0, resetMs: 60_000 });
});
