import type { CircuitState } from '../events.ts';
import type { Outcome } from '../outcome.ts';

/** Admission of one more attempt by an endpoint's circuit. */
export type Admission =
  /** The attempt may be sent. */
  | 'admitted'
  /** Open, or half-open with all probes in flight. */
  | 'ejected'
  /**
   * Dead: no success since the circuit opened, or held open by an operator. Never selected, not even in panic. Failures
   * of one route or one caller count for attempts of this route or caller only.
   */
  | 'dead'
  /** The endpoint's `Retry-After` has not passed. */
  | 'paused';

/** Permission of one attempt. */
export interface Permit {
  /** Reports the outcome, with the error code of a failure for operators. A second call does nothing. */
  end(outcome: Outcome, code?: string): void;
}

/** State of one circuit, for operators. */
export interface CircuitSnapshot {
  /** Null if all routes share one circuit. */
  readonly route: string | null;
  readonly state: CircuitState;
  /** Number of failures in a row. */
  readonly failures: number;
  /** Milliseconds until the circuit admits a probe; null unless it is open. */
  readonly opensForMs: number | null;
}

/** The circuits of one endpoint: one, or one for each route. */
export interface Circuits {
  /**
   * Admission of an attempt, before an endpoint is chosen. A circuit that is due for a probe admits a read; a write is
   * `ejected` or `dead`, unless no read has come for `openMs`.
   */
  admission(route: string, isRead: boolean, caller: string): Admission;
  /** True if no route has a closed circuit, or if an operator holds it open. False before the first call. */
  isOpen(): boolean;
  /** Time of the opening on the clock's scale; null for a closed circuit. */
  openSince(route: string): number | null;
  /** Starts one attempt, whatever the state: `admission` has already decided. */
  begin(route: string, caller: string): Permit;
  /** Closes all circuits and clears their counts. */
  reset(reason: string): void;
  snapshot(): readonly CircuitSnapshot[];
}
