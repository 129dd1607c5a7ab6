import { type Clock, systemClock } from '../core/clock.ts';

/** A clock on which waits take no time: it moves ahead to the end of each wait, and so a test of `poll` does not sleep. */
export const skippingClock = (): Clock => {
  let aheadMs = 0;
  const now = () => systemClock.now() + aheadMs;
  return {
    now,
    after: (ms, run) => {
      const end = now() + ms;
      // Not at once: waits that begin together end together.
      return systemClock.after(0, () => {
        aheadMs = Math.max(aheadMs, end - systemClock.now());
        run();
      });
    },
  };
};
