import type { Origin } from './origin.ts';
import { EMPTY_WINDOW, type Window } from './window.ts';

/** What opened a circuit, this time. */
export type Cause =
  | { readonly is: 'failures-in-a-row' }
  /** Errors in a row, failures among them perhaps. */
  | { readonly is: 'errors-in-a-row'; readonly errors: number }
  | { readonly is: 'ratio'; readonly failed: number; readonly calls: number }
  | { readonly is: 'failed-probe' }
  /** A probe was refused for there being too many calls, without a word on when to come back. */
  | { readonly is: 'throttled-probe' }
  /** The endpoint asked for no calls, for this long. */
  | { readonly is: 'asked'; readonly ms: number };

/** Whether anything but failures has been seen since failures in a row opened a circuit. */
export type Silence =
  /** Something else opened it, or an answer has arrived since. */
  | 'none'
  /** Nothing else was seen, and no probe has been tried yet. */
  | 'unprobed'
  /** A probe has failed too. */
  | 'probed';

/** What a circuit keeps as long as it is not closed. */
export interface Trouble {
  /** When it opened first, on the clock's scale. */
  readonly since: number;
  /** How long it stays open when a probe fails next. */
  readonly nextOpenMs: number;
  readonly silence: Silence;
}

interface Common {
  /** One more at every change of state: outcomes of attempts that began in an earlier one say nothing about this one. */
  readonly generation: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Origin of these failures; null without any. */
  readonly origin: Origin | null;
}

export interface Closed extends Common {
  readonly state: 'closed';
  /** Failures and errors in a row. */
  readonly bad: number;
  /** Origin of these; null without any. */
  readonly badOrigin: Origin | null;
  readonly window: Window;
}

export interface Open extends Common, Trouble {
  readonly state: 'open';
  readonly until: number;
  readonly cause: Cause;
}

export interface HalfOpen extends Common, Trouble {
  readonly state: 'half-open';
  /** Under way. */
  readonly probes: number;
  readonly successes: number;
  /** When a probe last began, or gave its place back. */
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
