import { expect, test } from 'vitest';
import { rateLimitHeaders, retryAfter } from './headers.ts';

test('the headers of a quota have the format of the draft', () => {
  const status = {
    policy: 'Query.price',
    quota: { limit: 100, seconds: 60 },
    window: { remaining: 7, resetMs: 1_001 },
  };
  expect(rateLimitHeaders(status)).toEqual({
    'ratelimit-policy': '"Query.price";q=100;w=60',
    ratelimit: '"Query.price";r=7;t=2',
  });
});

test('Retry-After is at least one second and not before the end of the window', () => {
  expect([0, 1, 999, 1_000, 1_001].map((resetMs) => retryAfter({ remaining: 0, resetMs }))).toEqual([1, 1, 1, 1, 2]);
});
