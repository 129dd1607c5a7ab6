import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { Limiter, LimitResult, Quota } from './limiter.ts';

/**
 * Adapts a limiter of rate-limiter-flexible, which refuses by rejecting with a value that is no Error. No window is
 * longer than the quota's, even after the store's clock was set back.
 */
export const counting = (counter: RateLimiterAbstract, { seconds }: Quota): Limiter => {
  const result = (admitted: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): LimitResult => ({
    admitted,
    remaining: Math.max(remainingPoints, 0),
    resetMs: Math.min(Math.max(msBeforeNext, 0), seconds * 1_000),
  });
  return {
    consume: async (key) => {
      try {
        return result(true, await counter.consume(key));
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return result(false, refused);
        throw refused;
      }
    },
  };
};
