import type { Verdict } from '../classify.ts';
import { askedMs, type Moment, opened, paused, pausedLonger, probeFailed, probeThrottled } from './openings.ts';
import { type Circuit, type Closed, closed, type HalfOpen, type Open } from './state.ts';
import { counted, tally } from './window.ts';

/** One failure of a closed circuit. */
const blamed = (circuit: Closed, moment: Moment): Circuit => {
  const { now, settings } = moment;
  const { consecutiveFailures, failureRatio, minCalls, windowMs } = settings;
  const failures = circuit.failures + 1;
  if (failures >= consecutiveFailures) return opened(failures, circuit.generation, { is: 'failures-in-a-row' }, moment);
  const window = counted(circuit.window, true, now, windowMs);
  const { calls, failed } = tally(window);
  if (calls >= minCalls && failed >= failureRatio * calls)
    return opened(failures, circuit.generation, { is: 'ratio', failed, calls }, moment);
  return { ...circuit, failures, window };
};

const whileClosed = (circuit: Closed, verdict: Verdict, moment: Moment): Circuit => {
  switch (verdict.is) {
    case 'success': {
      const window = counted(circuit.window, false, moment.now, moment.settings.windowMs);
      return { state: 'closed', generation: circuit.generation, failures: 0, window };
    }
    case 'failure':
      return blamed(circuit, moment);
    case 'throttled': {
      const ms = askedMs(verdict);
      // It answered, perhaps to one caller who asks too much: no reason to keep everybody from it.
      return ms === null ? circuit : paused(circuit, ms, moment);
    }
    case 'nothing':
      return circuit;
    default:
      return verdict satisfies never;
  }
};

/** Of attempts that were let through all the same, because nothing better was left. */
const whileOpen = (circuit: Open, verdict: Verdict, moment: Moment): Circuit => {
  switch (verdict.is) {
    case 'success':
      return closed(circuit.generation + 1);
    case 'failure':
      return { ...circuit, failures: circuit.failures + 1 };
    case 'throttled': {
      const ms = askedMs(verdict);
      return ms === null ? circuit : pausedLonger(circuit, ms, moment);
    }
    case 'nothing':
      return circuit;
    default:
      return verdict satisfies never;
  }
};

const whileHalfOpen = (circuit: HalfOpen, verdict: Verdict, moment: Moment): Circuit => {
  const freed = { ...circuit, probes: circuit.probes - 1, freeSince: moment.now };
  switch (verdict.is) {
    case 'success': {
      const successes = circuit.successes + 1;
      if (successes >= moment.settings.successesToClose) return closed(circuit.generation + 1);
      return { ...freed, successes, failures: 0, silence: 'none' };
    }
    case 'failure':
      return probeFailed(circuit, moment);
    case 'throttled': {
      const ms = askedMs(verdict);
      return ms === null ? probeThrottled(circuit, moment) : paused(circuit, ms, moment);
    }
    case 'nothing':
      return freed;
    default:
      return verdict satisfies never;
  }
};

/**
 * A circuit that one more attempt was let through: half-open where it was due for a probe. The attempt belongs to the
 * generation of what is returned.
 */
export const begun = (circuit: Circuit, now: number): Circuit => {
  switch (circuit.state) {
    case 'closed':
      return circuit;
    case 'open': {
      if (now < circuit.until) return circuit;
      const { generation, failures, since, nextOpenMs, silence } = circuit;
      return {
        state: 'half-open',
        generation: generation + 1,
        failures,
        since,
        nextOpenMs,
        silence,
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
 * A circuit after the outcome of an attempt that began in this generation.
 *
 * Outcomes of earlier generations count for nothing, but for one thing: where the endpoint has asked for no calls, and an
 * older attempt comes back with a wish for a longer time, that is its last word. An attempt always ends, by its time
 * limit if by nothing else, so a probe's place needs no limit of its own.
 */
export const ended = (circuit: Circuit, generation: number, verdict: Verdict, moment: Moment): Circuit => {
  if (generation !== circuit.generation) {
    const ms = askedMs(verdict);
    const asks = circuit.state === 'open' && circuit.cause.is === 'asked';
    return asks && ms !== null ? pausedLonger(circuit, ms, moment) : circuit;
  }
  switch (circuit.state) {
    case 'closed':
      return whileClosed(circuit, verdict, moment);
    case 'open':
      return whileOpen(circuit, verdict, moment);
    case 'half-open':
      return whileHalfOpen(circuit, verdict, moment);
    default:
      return circuit satisfies never;
  }
};
