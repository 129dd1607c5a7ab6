import { type Clock, systemClock } from '../../src/core/clock.ts';

/** The system's clock, with a count of its timers that have neither fired nor been cancelled. */
export const countingClock = (): { readonly clock: Clock; readonly pending: () => number } => {
  const pending = new Set<object>();
  return {
    pending: () => pending.size,
    clock: {
      now: systemClock.now,
      after: (ms, run) => {
        const key = {};
        pending.add(key);
        const timer = systemClock.after(ms, () => {
          pending.delete(key);
          run();
        });
        return {
          cancel: () => {
            pending.delete(key);
            timer.cancel();
          },
        };
      },
    },
  };
};
