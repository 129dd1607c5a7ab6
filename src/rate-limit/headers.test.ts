import { expect, test } from 'vitest';
import { rateLimitHeaders, retryAfter } from './headers.ts';

test('a quota is told as the draft writes it', () => {
  const told = { policy: 'Query.price', quota: { limit: 100, seconds: 60 }, left: { remaining: 7, resetMs: 1_001 } };
  expect(rateLimitHeaders(told)).toEqual({
    'ratelimit-policy': '"Query.price";q=100;w=60',
    ratelimit: '"Query.price";r=7;t=2',
  });
});

test('nobody is asked to come back before the window has ended, nor at once', () => {
  expect([0, 1, 999, 1_000, 1_001].map((resetMs) => retryAfter({ remaining: 0, resetMs }))).toEqual([1, 1, 1, 1, 2]);
});
