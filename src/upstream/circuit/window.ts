/** The outcomes of one slice of time. */
interface Bucket {
  /** Which slice, counted from the clock's zero. */
  readonly at: number;
  readonly calls: number;
  readonly failed: number;
}

/** Outcomes of the last while, in at most ten buckets. It is the newest of them itself: most outcomes touch nothing else. */
export interface Window extends Bucket {
  /** Newest first. */
  readonly older: readonly Bucket[];
}

export interface Tally {
  readonly calls: number;
  readonly failed: number;
}

const BUCKETS = 10;

export const EMPTY_WINDOW: Window = { at: Number.NEGATIVE_INFINITY, calls: 0, failed: 0, older: [] };

const sliceOf = (now: number, windowMs: number): number => Math.floor((now * BUCKETS) / windowMs);

/** The window with one more outcome. */
export const counted = (window: Window, failed: boolean, now: number, windowMs: number): Window => {
  const at = sliceOf(now, windowMs);
  const failures = failed ? 1 : 0;
  if (window.at === at) return { at, calls: window.calls + 1, failed: window.failed + failures, older: window.older };
  const older = [window, ...window.older].filter((bucket) => bucket.at > at - BUCKETS);
  return {
    at,
    calls: 1,
    failed: failures,
    older: older.map((bucket) => ({ at: bucket.at, calls: bucket.calls, failed: bucket.failed })),
  };
};

/** What the window held at its newest outcome: it looks back from there on nine to ten tenths of `windowMs`. */
export const tally = (window: Window): Tally => {
  let { calls, failed } = window;
  for (const bucket of window.older) {
    calls += bucket.calls;
    failed += bucket.failed;
  }
  return { calls, failed };
};
