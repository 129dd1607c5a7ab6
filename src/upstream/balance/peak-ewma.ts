import type { Verdict } from '../classify.ts';

/** How long answers of one endpoint take, of late and at worst. */
export interface PeakEwma {
  /**
   * In milliseconds; 30 while nobody has asked yet. Falls while nothing is observed, so that what was slow once is tried
   * again.
   */
  at(now: number): number;
  /** What the last answer left, in milliseconds, however long ago that was; null where there has been none. */
  readonly measured: number | null;
  /** What a failure makes of it for the time being, in milliseconds; 0 where none does. */
  penalty(now: number): number;
  /** Failures since the last answer. */
  readonly failures: number;
  /** Takes in the outcome of one attempt. */
  observe(ms: number, verdict: Verdict, now: number): void;
  /** Forgets everything: it is back, and may be another one. */
  reset(): void;
}

/** After this time a peak counts for 1/e of what it was: Finagle's default. */
const DECAY_MS = 10_000;
/** Linkerd's guess for an endpoint that nobody has asked yet. */
const GUESS_MS = 30;
/** Linkerd's load biaser. */
const PENALTY_MS = 5_000;
const LONGEST_PENALTY_MS = 300_000;

/**
 * A moving average that jumps to a peak at once and comes down slowly, by time and not by count: Finagle's and Linkerd's
 * peak EWMA.
 *
 * After a failure the endpoint is one that takes 5 s, for 5 s; after a throttled answer for as long as its Retry-After, 5 s
 * at least and 300 s at most. Without that an endpoint that fails quickly would be the quickest of all. The penalty is not
 * averaged in: coming down from 5 s to 10 ms would take a minute, and one failure is no reason to be left out for that long.
 * The first answer replaces the guess, whatever it is: a guess is no peak.
 */
export const peakEwma = (): PeakEwma => {
  let measured: number | null = null;
  let stamp = 0;
  let penaltyMs = 0;
  let penaltyUntil = 0;
  let failures = 0;

  const answered = (ms: number, now: number): void => {
    failures = 0;
    if (measured === null || ms >= measured) measured = ms;
    else measured = ms + (measured - ms) * Math.exp((stamp - now) / DECAY_MS);
    stamp = now;
  };
  const penalise = (ms: number, forMs: number, now: number): void => {
    penaltyMs = Math.max(ms, forMs, penalty(now));
    penaltyUntil = Math.max(penaltyUntil, now + forMs);
  };
  const penalty = (now: number): number => (now < penaltyUntil ? penaltyMs : 0);

  return {
    get measured() {
      return measured;
    },
    penalty,
    get failures() {
      return failures;
    },
    at: (now) => Math.max(measured === null ? GUESS_MS : measured * Math.exp((stamp - now) / DECAY_MS), penalty(now)),
    observe: (ms, verdict, now) => {
      switch (verdict.is) {
        case 'success':
          return answered(ms, now);
        case 'failure':
        case 'error':
          failures += 1;
          return penalise(ms, PENALTY_MS, now);
        case 'throttled':
          return penalise(ms, Math.min(Math.max(verdict.retryAfterMs ?? 0, PENALTY_MS), LONGEST_PENALTY_MS), now);
        case 'quota':
        case 'nothing':
          return;
        default:
          return verdict satisfies never;
      }
    },
    reset: () => {
      measured = null;
      penaltyUntil = 0;
      failures = 0;
    },
  };
};
