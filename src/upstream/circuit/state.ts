import type { AttemptOrigin } from './origin.ts';
import { EMPTY_WINDOW, type Window } from './window.ts';

/** Cause of the current opening. */
export type Cause =
  | { readonly is: 'failures-in-a-row' }
  /** Errors in a row, possibly with failures among them. */
  | { readonly is: 'errors-in-a-row'; readonly errors: number }
  | { readonly is: 'ratio'; readonly failed: number; readonly calls: number }
  | { readonly is: 'failed-probe' }
  /** A probe was throttled without a Retry-After. */
  | { readonly is: 'throttled-probe' }
  /** The endpoint requested a pause of `ms` milliseconds. */
  | { readonly is: 'retry-after'; readonly ms: number };

/** Whether there were only failures since failures in a row opened the circuit. */
export type FailureStreak =
  /** Another cause opened it, or an answer has arrived since. */
  | 'none'
  /** Only failures, and no probe has been tried yet. */
  | 'unprobed'
  /** Only failures, including a probe. */
  | 'probed';

/** State of a circuit that is not closed. */
export interface OpenState {
  /** Time of the first opening, on the clock's scale. */
  readonly since: number;
  /** Duration of the opening after the next failed probe, in milliseconds. */
  readonly nextOpenMs: number;
  readonly failureStreak: FailureStreak;
}

interface Common {
  /** Incremented at every change of state. Outcomes of attempts of an earlier generation are ignored. */
  readonly generation: number;
  /** Number of failures in a row. */
  readonly failures: number;
  /** Origin of these failures; null for none. */
  readonly origin: AttemptOrigin | null;
}

export interface Closed extends Common {
  readonly state: 'closed';
  /** Number of failures and errors in a row. */
  readonly bad: number;
  /** Origin of these; null for none. */
  readonly badOrigin: AttemptOrigin | null;
  readonly window: Window;
}

export interface Open extends Common, OpenState {
  readonly state: 'open';
  readonly until: number;
  readonly cause: Cause;
}

export interface HalfOpen extends Common, OpenState {
  readonly state: 'half-open';
  /** Number of probes in flight. */
  readonly probes: number;
  readonly successes: number;
  /** Time at which a probe last began, or freed its slot. */
  readonly freeSince: number;
}

/** One circuit, as a value. */
export type Circuit = Closed | Open | HalfOpen;

export const closed = (generation: number): Closed => ({
  state: 'closed',
  generation,
  failures: 0,
  origin: null,
  bad: 0,
  badOrigin: null,
  window: EMPTY_WINDOW,
});
