import { hashOf } from '../balance/policy/hash.ts';
import type { AttemptOrigin } from './origin.ts';

/** Outcomes of one slice of time. */
interface Bucket {
  /** Number of the slice since the clock's zero. */
  readonly at: number;
  readonly calls: number;
  readonly failed: number;
  /** Routes and callers of all calls and of failed ones: bit sets of 32 slots. */
  readonly routes: number;
  readonly failedRoutes: number;
  readonly callers: number;
  readonly failedCallers: number;
}

/**
 * Outcomes of the recent past in at most ten buckets. The window is its newest bucket itself, so that most outcomes
 * touch nothing else.
 */
export interface Window extends Bucket {
  /** Newest first. */
  readonly older: readonly Bucket[];
}

export interface WindowCounts {
  readonly calls: number;
  readonly failed: number;
  /** Numbers of routes and callers, of all calls and of failed ones. Beyond 32 they share slots. */
  readonly routes: number;
  readonly failedRoutes: number;
  readonly callers: number;
  readonly failedCallers: number;
}

const BUCKETS = 10;
const SLOTS = 32;

const EMPTY: Omit<Bucket, 'at'> = { calls: 0, failed: 0, routes: 0, failedRoutes: 0, callers: 0, failedCallers: 0 };

export const EMPTY_WINDOW: Window = { at: Number.NEGATIVE_INFINITY, ...EMPTY, older: [] };

const sliceOf = (now: number, windowMs: number): number => Math.floor((now * BUCKETS) / windowMs);

const slotOf = (name: string | null): number => 1 << (hashOf(name ?? '') % SLOTS);

const countOf = (set: number): number => {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count += 1;
  return count;
};

/** Returns the window with one more outcome. */
export const counted = (
  window: Window,
  failed: boolean,
  origin: AttemptOrigin,
  now: number,
  windowMs: number,
): Window => {
  const at = sliceOf(now, windowMs);
  const isSame = window.at === at;
  const bucket: Omit<Bucket, 'at'> = isSame ? window : EMPTY;
  const route = slotOf(origin.route);
  const caller = slotOf(origin.caller);
  return {
    at,
    calls: bucket.calls + 1,
    failed: bucket.failed + (failed ? 1 : 0),
    routes: bucket.routes | route,
    failedRoutes: bucket.failedRoutes | (failed ? route : 0),
    callers: bucket.callers | caller,
    failedCallers: bucket.failedCallers | (failed ? caller : 0),
    older: isSame ? window.older : recentOf(window, at),
  };
};

/** Returns the buckets that are still in the window of a new one. */
const recentOf = ({ older, ...newest }: Window, at: number): readonly Bucket[] =>
  [newest, ...older].filter((bucket) => bucket.at > at - BUCKETS);

/** Sums the window at its newest outcome. It covers nine to ten tenths of `windowMs` before it. */
export const tally = (window: Window): WindowCounts => {
  let { calls, failed, routes, failedRoutes, callers, failedCallers } = window;
  for (const bucket of window.older) {
    calls += bucket.calls;
    failed += bucket.failed;
    routes |= bucket.routes;
    failedRoutes |= bucket.failedRoutes;
    callers |= bucket.callers;
    failedCallers |= bucket.failedCallers;
  }
  return {
    calls,
    failed,
    routes: countOf(routes),
    failedRoutes: countOf(failedRoutes),
    callers: countOf(callers),
    failedCallers: countOf(failedCallers),
  };
};
