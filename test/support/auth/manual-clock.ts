import type { Clock } from '../../../src/core/clock.ts';

/** A clock that tests advance by hand. Due timers fire in order while it advances. */
export interface ManualClock extends Clock {
  /** Same time in milliseconds since 1970. */
  readonly wallTime: () => number;
  advance(ms: number): void;
  /** Number of timers that have not fired. */
  pending(): number;
}

const START = Date.UTC(2026, 10, 21, 12);

export const manualClock = (): ManualClock => {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const next = (until: number) =>
    [...timers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
  return {
    now: () => now,
    wallTime: () => START + now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance: (ms) => {
      const until = now + ms;
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        timers.delete(timer);
        now = timer.at;
        timer.run();
      }
      now = until;
    },
    pending: () => timers.size,
  };
};
