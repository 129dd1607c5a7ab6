import type { Verdict } from '../classify.ts';
import type { CircuitSettings } from '../traffic.ts';
import type { Cause, Circuit, HalfOpen, Open } from './state.ts';

/** What the machine is given beside a circuit and an outcome. */
export interface Moment {
  readonly now: number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly settings: CircuitSettings;
}

/** No endpoint keeps itself out for longer, whatever it says (Envoy's cap on the same header). In milliseconds. */
export const LONGEST_PAUSE_MS = 300_000;

const JITTER = 0.1;

/** From now on for at least `ms`, and up to a tenth longer, so that replicas of the gateway do not probe in step. */
const openUntil = (ms: number, { now, random, settings }: Moment): number =>
  now + Math.max(ms, Math.min(ms * (1 + JITTER * random()), settings.maxOpenMs));

const doubled = (ms: number, { maxOpenMs }: CircuitSettings): number => Math.max(ms, Math.min(2 * ms, maxOpenMs));

/** How long an endpoint wants no calls, as far as it said so. */
export const askedMs = (verdict: Verdict): number | null =>
  verdict.is !== 'throttled' || verdict.retryAfterMs === null || verdict.retryAfterMs <= 0
    ? null
    : Math.min(verdict.retryAfterMs, LONGEST_PAUSE_MS);

/** Open for exactly as long as it was asked for. The time to stay open at the next failed probe stays what it was. */
export const paused = (circuit: Circuit, ms: number, { now, settings }: Moment): Open => ({
  state: 'open',
  generation: circuit.generation + 1,
  failures: circuit.failures,
  since: circuit.state === 'closed' ? now : circuit.since,
  until: now + ms,
  nextOpenMs: circuit.state === 'closed' ? settings.openMs : circuit.nextOpenMs,
  silence: circuit.state === 'closed' ? 'none' : circuit.silence,
  cause: { is: 'asked', ms },
});

/** Never shortens the time that it is open anyway. */
export const pausedLonger = (circuit: Open, ms: number, { now }: Moment): Open =>
  now + ms <= circuit.until ? circuit : { ...circuit, until: now + ms, cause: { is: 'asked', ms } };

/** Opened by what a closed circuit has counted. */
export const opened = (failures: number, generation: number, cause: Cause, moment: Moment): Open => ({
  state: 'open',
  generation: generation + 1,
  failures,
  since: moment.now,
  until: openUntil(moment.settings.openMs, moment),
  nextOpenMs: doubled(moment.settings.openMs, moment.settings),
  silence: cause.is === 'failures-in-a-row' ? 'unprobed' : 'none',
  cause,
});

/** It did no better than before, and stays out for twice as long. */
export const probeFailed = (circuit: HalfOpen, moment: Moment): Open => ({
  state: 'open',
  generation: circuit.generation + 1,
  failures: circuit.failures + 1,
  since: circuit.since,
  until: openUntil(circuit.nextOpenMs, moment),
  nextOpenMs: doubled(circuit.nextOpenMs, moment.settings),
  silence: circuit.silence === 'none' ? 'none' : 'probed',
  cause: { is: 'failed-probe' },
});

/** It is well but busy: a short while, and no longer the next time. */
export const probeThrottled = (
  { failures, since, nextOpenMs, silence, generation }: HalfOpen,
  moment: Moment,
): Open => ({
  state: 'open',
  generation: generation + 1,
  failures,
  since,
  until: openUntil(moment.settings.openMs, moment),
  nextOpenMs,
  silence,
  cause: { is: 'throttled-probe' },
});
