import type { Clock } from '../../../src/core/clock.ts';

/** A clock that advances only in `advance`. */
export interface ManualClock extends Clock {
  /** The same time in milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Advances time, and calls due timers in order, each at its own time. */
  advance(ms: number): void;
  /** Number of pending timers. */
  readonly pending: number;
  /** Milliseconds until the next timer is due; null without one. */
  readonly untilNext: number | null;
}

const START = Date.UTC(2026, 10, 21, 12);

/** Starts at 0. */
export const manualClock = (): ManualClock => {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const nextBy = (end: number) => [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    wallTime: () => START + now,
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
    get untilNext() {
      const next = nextBy(Number.POSITIVE_INFINITY);
      return next === undefined ? null : next.at - now;
    },
  };
};
