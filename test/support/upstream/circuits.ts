import { circuitsOf } from '../../../src/upstream/circuit/endpoint-circuits.ts';
import type { UpstreamEvent } from '../../../src/upstream/events.ts';
import { NO_OVERRIDES } from '../../../src/upstream/operations/active-overrides.ts';
import { type CircuitOptions, type CircuitSettings, trafficSettings } from '../../../src/upstream/options.ts';
import type { Outcome } from '../../../src/upstream/outcome.ts';
import { manualClock } from '../clock/manual-clock.ts';

export const ROUTE = 'GET /things/{id}';
/** Caller of attempts that do not depend on it. */
export const CALLER = 'anonymous';
export const ADDRESS = 'http://a:8080';
export const SUCCESS: Outcome = { is: 'success' };
export const ERROR: Outcome = { is: 'error' };
export const FAILURE: Outcome = { is: 'failure' };
export const IGNORED: Outcome = { is: 'ignored' };
export const throttled = (retryAfterMs: number | null = null): Outcome => ({ is: 'throttled', retryAfterMs });

interface Held {
  at: 'open' | 'closed' | null;
}

/** The circuits of one endpoint on a stopped clock, with everything they report. */
export const circuits = (options: CircuitOptions | null = {}, random: () => number = () => 0) => {
  const clock = manualClock();
  const settings: CircuitSettings | null = trafficSettings({ circuit: options === null ? false : options }).circuit;
  const events: UpstreamEvent[] = [];
  const held: Held = { at: null };
  const overrides = { ...NO_OVERRIDES, circuit: () => held.at };
  const all = circuitsOf(settings, { clock, random, report: (event) => events.push(event), overrides }, ADDRESS);
  const attempt = (outcome: Outcome, route = ROUTE, caller = CALLER) => all.begin(route, caller).end(outcome);
  return {
    ...all,
    begin: (route: string, caller = CALLER) => all.begin(route, caller),
    admission: (route: string, isRead: boolean, caller = CALLER) => all.admission(route, isRead, caller),
    clock,
    events,
    held,
    attempt,
    fail: (count: number, route = ROUTE, caller = CALLER) => {
      for (let failed = 0; failed < count; failed++) attempt(FAILURE, route, caller);
    },
    read: (route = ROUTE, caller = CALLER) => all.admission(route, true, caller),
    write: (route = ROUTE, caller = CALLER) => all.admission(route, false, caller),
    state: () => all.snapshot()[0]?.state,
    said: () => events.map((event) => (event.is === 'circuit' ? `${event.to}: ${event.reason}` : event.is)),
  };
};

/** Opens the circuit with five failures, then fails this many probes, each as soon as it is due. */
export const openAfterProbes = (probes: number, random?: () => number) => {
  const circuit = circuits({}, random);
  circuit.fail(5);
  for (let probe = 0; probe < probes; probe++) {
    circuit.clock.advance(circuit.snapshot()[0]?.opensForMs ?? 0);
    circuit.attempt(FAILURE);
  }
  return circuit;
};
