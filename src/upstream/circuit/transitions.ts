import type { CircuitSettings } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import {
  ALIVE,
  type Moment,
  opened,
  paused,
  pausedLonger,
  probeErred,
  probeFailed,
  probeThrottled,
  requestedPauseMs,
} from './open-state.ts';
import { joined } from './origin.ts';
import { type Cause, type Circuit, type Closed, closed, type HalfOpen, type Open } from './state.ts';
import { counted, tally, type WindowCounts } from './window.ts';

/**
 * Share of failed outcomes by calls, by routes or by callers, whichever is lowest. One broken route among many, or one
 * caller among many that always fails, does not take the endpoint from the others.
 */
const leastShare = ({ calls, failed, routes, failedRoutes, callers, failedCallers }: WindowCounts): number =>
  Math.min(failed / calls, failedRoutes / routes, failedCallers / callers);

/** True unless all errors in a row come from one of several routes or from one of several callers. */
const isBroad = ({ badOrigin }: Closed, { routes, callers }: WindowCounts): boolean =>
  (badOrigin?.route === null || routes === 1) && (badOrigin?.caller === null || callers === 1);

/** The cause for which a circuit with these outcomes opens; null for none. */
const causeIn = (circuit: Closed, { consecutiveFailures, failureRatio, minCalls }: CircuitSettings): Cause | null => {
  if (circuit.failures >= consecutiveFailures) return { is: 'failures-in-a-row' };
  const outcomes = tally(circuit.window);
  const { calls, failed } = outcomes;
  if (circuit.bad >= consecutiveFailures && isBroad(circuit, outcomes))
    return { is: 'errors-in-a-row', errors: circuit.bad };
  return calls >= minCalls && leastShare(outcomes) >= failureRatio ? { is: 'ratio', failed, calls } : null;
};

/** Returns a closed circuit after a failure or error, open if a limit is reached. */
const afterFailure = (before: Closed, is: 'failure' | 'error', moment: Moment): Circuit => {
  const { now, settings, origin } = moment;
  const circuit: Closed = {
    state: 'closed',
    generation: before.generation,
    failures: is === 'failure' ? before.failures + 1 : 0,
    origin: is === 'failure' ? joined(before.origin, origin) : null,
    bad: before.bad + 1,
    badOrigin: joined(before.badOrigin, origin),
    window: counted(before.window, true, origin, now, settings.windowMs),
  };
  const cause = causeIn(circuit, settings);
  return cause === null ? circuit : opened(circuit, cause, moment);
};

const whileClosed = (circuit: Closed, outcome: Outcome, moment: Moment): Circuit => {
  switch (outcome.is) {
    case 'success': {
      const window = counted(circuit.window, false, moment.origin, moment.now, moment.settings.windowMs);
      return { ...closed(circuit.generation), window };
    }
    case 'failure':
    case 'error':
      return afterFailure(circuit, outcome.is, moment);
    case 'throttled': {
      const ms = requestedPauseMs(outcome);
      // The endpoint answered. Without a Retry-After there is no reason to pause it.
      return ms === null ? circuit : paused(circuit, ms, moment);
    }
    case 'quota':
    case 'ignored':
      return circuit;
    default:
      return outcome satisfies never;
  }
};

/** Outcomes of attempts that were sent although the circuit is open. */
const whileOpen = (circuit: Open, outcome: Outcome, moment: Moment): Circuit => {
  switch (outcome.is) {
    case 'success':
      return closed(circuit.generation + 1);
    case 'error':
      return { ...circuit, ...ALIVE };
    case 'failure':
      return { ...circuit, failures: circuit.failures + 1, origin: joined(circuit.origin, moment.origin) };
    case 'throttled': {
      const ms = requestedPauseMs(outcome);
      return ms === null ? circuit : pausedLonger(circuit, ms, moment);
    }
    case 'quota':
    case 'ignored':
      return circuit;
    default:
      return outcome satisfies never;
  }
};

const whileHalfOpen = (circuit: HalfOpen, outcome: Outcome, moment: Moment): Circuit => {
  const freed = { ...circuit, probes: circuit.probes - 1, freeSince: moment.now };
  switch (outcome.is) {
    case 'success': {
      const successes = circuit.successes + 1;
      if (successes >= moment.settings.successesToClose) return closed(circuit.generation + 1);
      return { ...freed, ...ALIVE, successes };
    }
    case 'error':
      return probeErred(circuit, moment);
    case 'failure':
      return probeFailed(circuit, moment);
    case 'throttled': {
      const ms = requestedPauseMs(outcome);
      return ms === null ? probeThrottled(circuit, moment) : paused(circuit, ms, moment);
    }
    case 'quota':
    case 'ignored':
      return freed;
    default:
      return outcome satisfies never;
  }
};

/**
 * Returns the circuit after one more attempt has started: half-open if it was due for a probe. The attempt belongs to
 * the returned generation.
 */
export const startTransition = (circuit: Circuit, now: number): Circuit => {
  switch (circuit.state) {
    case 'closed':
      return circuit;
    case 'open': {
      if (now < circuit.until) return circuit;
      const { generation, failures, origin, since, nextOpenMs, failureStreak } = circuit;
      return {
        state: 'half-open',
        generation: generation + 1,
        failures,
        origin,
        since,
        nextOpenMs,
        failureStreak,
        probes: 1,
        successes: 0,
        freeSince: now,
      };
    }
    case 'half-open':
      return { ...circuit, probes: circuit.probes + 1, freeSince: now };
    default:
      return circuit satisfies never;
  }
};

/**
 * Returns the circuit after the outcome of an attempt of this generation.
 *
 * Outcomes of earlier generations are ignored, with one exception: a longer Retry-After extends a pause. An attempt
 * always ends, at the latest by its timeout, so that a probe's slot needs no limit of its own.
 */
export const endTransition = (circuit: Circuit, generation: number, outcome: Outcome, moment: Moment): Circuit => {
  if (generation !== circuit.generation) {
    const ms = requestedPauseMs(outcome);
    const isPaused = circuit.state === 'open' && circuit.cause.is === 'retry-after';
    return isPaused && ms !== null ? pausedLonger(circuit, ms, moment) : circuit;
  }
  switch (circuit.state) {
    case 'closed':
      return whileClosed(circuit, outcome, moment);
    case 'open':
      return whileOpen(circuit, outcome, moment);
    case 'half-open':
      return whileHalfOpen(circuit, outcome, moment);
    default:
      return circuit satisfies never;
  }
};
