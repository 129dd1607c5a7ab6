/** A pending call of `Clock.after`. */
export interface Timer {
  /** Cancelling twice, or after it fired, does nothing. */
  cancel(): void;
}

/**
 * Time as everything here sees it, so that tests can hand in one that they move themselves.
 * This file is the only place that touches the runtime's timers.
 */
export interface Clock {
  /** Milliseconds on a scale that never jumps. Only differences mean anything. */
  now(): number;
  /** Calls `run` once, `ms` milliseconds from now. Does not keep the process alive. */
  after(ms: number, run: () => void): Timer;
}

/** setTimeout fires at once for anything longer (it wraps at 2^31). */
const LONGEST_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_MS));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Milliseconds since 1970, as this machine believes. May jump; for times that others have written down, never for waiting. */
export const wallTime = (): number => Date.now();
