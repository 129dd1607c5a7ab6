import type { Clock } from '../../src/core/clock.ts';

export interface ManualClock extends Clock {
  /** Advances time, and calls due timers in order, each at its own time. */
  advance(ms: number): void;
  /** Number of pending timers. */
  readonly pending: number;
}

/** A clock that starts at 0 and advances only in `advance`. */
export const manualClock = (): ManualClock => {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const nextBy = (end: number) => [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + Math.max(ms, 0), run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance: (ms) => {
      const end = now + ms;
      for (let due = nextBy(end); due !== undefined; due = nextBy(end)) {
        now = due.at;
        timers.delete(due);
        due.run();
      }
      now = end;
    },
    get pending() {
      return timers.size;
    },
  };
};
