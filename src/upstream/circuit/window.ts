/** The outcomes of one slice of time. */
interface Bucket {
  /** Which slice, counted from the clock's zero. */
  readonly at: number;
  readonly calls: number;
  readonly failed: number;
}

/** Outcomes of the last while, in at most ten buckets. The newest stands apart: most outcomes touch nothing else. */
export interface Window {
  readonly newest: Bucket;
  /** Newest first. */
  readonly older: readonly Bucket[];
}

export interface Tally {
  readonly calls: number;
  readonly failed: number;
}

const BUCKETS = 10;

export const EMPTY_WINDOW: Window = { newest: { at: Number.NEGATIVE_INFINITY, calls: 0, failed: 0 }, older: [] };

const sliceOf = (now: number, windowMs: number): number => Math.floor((now * BUCKETS) / windowMs);

/** The window with one more outcome. */
export const counted = ({ newest, older }: Window, failed: boolean, now: number, windowMs: number): Window => {
  const at = sliceOf(now, windowMs);
  const failures = failed ? 1 : 0;
  if (newest.at === at) return { newest: { at, calls: newest.calls + 1, failed: newest.failed + failures }, older };
  return {
    newest: { at, calls: 1, failed: failures },
    older: [newest, ...older].filter((bucket) => bucket.at > at - BUCKETS),
  };
};

/** What the window held at its newest outcome: it looks back from there on nine to ten tenths of `windowMs`. */
export const tally = ({ newest, older }: Window): Tally => {
  let { calls, failed } = newest;
  for (const bucket of older) {
    calls += bucket.calls;
    failed += bucket.failed;
  }
  return { calls, failed };
};
