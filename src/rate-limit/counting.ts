import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { Limiter, Verdict } from './limiter.ts';

const verdict = (admitted: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Verdict => ({
  admitted,
  remaining: Math.max(remainingPoints, 0),
  resetMs: Math.max(msBeforeNext, 0),
});

/** A limiter on one of rate-limiter-flexible's, which refuses by rejecting with what is no Error. */
export const counting = (counter: RateLimiterAbstract): Limiter => ({
  consume: async (key) => {
    try {
      return verdict(true, await counter.consume(key));
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return verdict(false, refused);
      throw refused;
    }
  },
});
