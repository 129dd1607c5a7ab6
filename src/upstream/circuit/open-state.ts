import type { CircuitSettings } from '../options.ts';
import { MAX_PAUSE_MS, type Outcome } from '../outcome.ts';
import { type AttemptOrigin, joined } from './origin.ts';
import type { Cause, Circuit, Closed, HalfOpen, Open } from './state.ts';

/** Inputs of a transition besides the circuit and the outcome. */
export interface Moment {
  readonly now: number;
  /** Returns a number of at least 0 and less than 1. */
  readonly random: () => number;
  readonly settings: CircuitSettings;
  /** Origin of the attempt with this outcome. */
  readonly origin: AttemptOrigin;
}

const JITTER = 0.1;

/**
 * End of an opening: after at least `ms` and up to a tenth longer, so that replicas of the gateway do not probe in
 * step.
 */
const openUntil = (ms: number, { now, random, settings }: Moment): number =>
  now + Math.max(ms, Math.min(ms * (1 + JITTER * random()), settings.maxOpenMs));

const doubled = (ms: number, { maxOpenMs }: CircuitSettings): number => Math.max(ms, Math.min(2 * ms, maxOpenMs));

/** Requested pause in milliseconds, at most 300,000; null for none. */
export const requestedPauseMs = (outcome: Outcome): number | null =>
  outcome.is !== 'throttled' || outcome.retryAfterMs === null || outcome.retryAfterMs <= 0
    ? null
    : Math.min(outcome.retryAfterMs, MAX_PAUSE_MS);

/** Opens a circuit for exactly the requested time. The time after the next failed probe stays unchanged. */
export const paused = (circuit: Circuit, ms: number, { now, settings }: Moment): Open => ({
  state: 'open',
  generation: circuit.generation + 1,
  failures: circuit.failures,
  origin: circuit.origin,
  since: circuit.state === 'closed' ? now : circuit.since,
  until: now + ms,
  nextOpenMs: circuit.state === 'closed' ? settings.openMs : circuit.nextOpenMs,
  failureStreak: circuit.state === 'closed' ? 'none' : circuit.failureStreak,
  cause: { is: 'retry-after', ms },
});

/** Extends the time that a circuit is open; never shortens it. */
export const pausedLonger = (circuit: Open, ms: number, { now }: Moment): Open =>
  now + ms <= circuit.until ? circuit : { ...circuit, until: now + ms, cause: { is: 'retry-after', ms } };

/** Opens a closed circuit because of its counts. */
export const opened = (circuit: Closed, cause: Cause, moment: Moment): Open => ({
  state: 'open',
  generation: circuit.generation + 1,
  failures: circuit.failures,
  origin: circuit.origin,
  since: moment.now,
  until: openUntil(moment.settings.openMs, moment),
  nextOpenMs: doubled(moment.settings.openMs, moment.settings),
  failureStreak: cause.is === 'failures-in-a-row' ? 'unprobed' : 'none',
  cause,
});

/** Opens a circuit again after a failed probe, for twice as long. */
export const probeFailed = (circuit: HalfOpen, moment: Moment): Open => ({
  ...reopened(circuit, circuit.nextOpenMs, { is: 'failed-probe' }, moment),
  failures: circuit.failures + 1,
  origin: joined(circuit.origin, moment.origin),
  nextOpenMs: doubled(circuit.nextOpenMs, moment.settings),
  failureStreak: circuit.failureStreak === 'none' ? 'none' : 'probed',
});

/**
 * Opens a circuit again after a probe was answered with an error, for twice as long. The endpoint answers, so it is not
 * dead.
 */
export const probeErred = (circuit: HalfOpen, moment: Moment): Open => ({
  ...reopened(circuit, circuit.nextOpenMs, { is: 'failed-probe' }, moment),
  ...ALIVE,
  nextOpenMs: doubled(circuit.nextOpenMs, moment.settings),
});

/** Opens a circuit again for `openMs`, without doubling: the endpoint is healthy but busy. */
export const probeThrottled = (circuit: HalfOpen, moment: Moment): Open =>
  reopened(circuit, moment.settings.openMs, { is: 'throttled-probe' }, moment);

/** Fields after an answer of any kind has ended the failures in a row. */
export const ALIVE = { failures: 0, origin: null, failureStreak: 'none' } as const;

const reopened = (circuit: HalfOpen, ms: number, cause: Cause, moment: Moment): Open => ({
  state: 'open',
  generation: circuit.generation + 1,
  failures: circuit.failures,
  origin: circuit.origin,
  since: circuit.since,
  until: openUntil(ms, moment),
  nextOpenMs: circuit.nextOpenMs,
  failureStreak: circuit.failureStreak,
  cause,
});
