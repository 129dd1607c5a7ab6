import { MAX_PAUSE_MS, type Outcome } from '../outcome.ts';

/** Latency estimate of one endpoint: recent and worst. */
export interface PeakEwma {
  /**
   * Estimate in milliseconds; 30 without measurements. Falls while nothing is observed, so that a slow endpoint is
   * tried again.
   */
  at(now: number): number;
  /** Average after the last answer in milliseconds, without decay; null before the first answer. */
  readonly measured: number | null;
  /** Penalty for a failure in milliseconds; 0 without a recent one. */
  penalty(now: number): number;
  /** Failures since the last answer. */
  readonly failures: number;
  /** Adds the outcome of one attempt. */
  observe(ms: number, outcome: Outcome, now: number): void;
  /** Removes all measurements: the endpoint may be another process. */
  reset(): void;
}

/** A peak falls to 1/e in this time. Finagle's default. */
const DECAY_MS = 10_000;
/** Estimate without measurements. Linkerd's default. */
const INITIAL_MS = 30;
/** Linkerd's load biaser. */
const PENALTY_MS = 5_000;

/**
 * A moving average that follows peaks immediately and decays by time, not by count: Finagle's and Linkerd's peak EWMA.
 *
 * A failure counts as a latency of 5 s, for 5 s; a throttled answer as its Retry-After, from 5 s to 300 s, for as long.
 * Without penalties, an endpoint that fails quickly would look fastest. The penalty is not part of the average: decay
 * from 5 s to 10 ms takes a minute, too long for one failure. The first answer replaces the default, even if it is
 * lower.
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
    at: (now) => Math.max(measured === null ? INITIAL_MS : measured * Math.exp((stamp - now) / DECAY_MS), penalty(now)),
    observe: (ms, outcome, now) => {
      switch (outcome.is) {
        case 'success':
          return answered(ms, now);
        case 'failure':
        case 'error':
          failures += 1;
          return penalise(ms, PENALTY_MS, now);
        case 'throttled':
          return penalise(ms, Math.min(Math.max(outcome.retryAfterMs ?? 0, PENALTY_MS), MAX_PAUSE_MS), now);
        case 'quota':
        case 'ignored':
          return;
        default:
          return outcome satisfies never;
      }
    },
    reset: () => {
      measured = null;
      penaltyUntil = 0;
      failures = 0;
    },
  };
};
