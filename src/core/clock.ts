/** A pending call of `Clock.after`. */
export interface Timer {
  /** Cancels the call. No effect after it ran or was cancelled. */
  cancel(): void;
}

/**
 * Source of time, which tests replace by one that they advance themselves. This file is the only one that uses the
 * runtime's timers.
 */
export interface Clock {
  /** Milliseconds on a monotonic scale with an arbitrary start. */
  now(): number;
  /** Calls `run` once, `ms` milliseconds from now. Does not keep the process alive. */
  after(ms: number, run: () => void): Timer;
}

/** Maximum delay of setTimeout, which fires immediately for longer ones. */
const MAX_DELAY_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), MAX_DELAY_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/**
 * Milliseconds since 1970 by the system's clock, which may jump. Use it to compare with external timestamps, never for
 * waiting.
 */
export const wallTime = (): number => Date.now();
