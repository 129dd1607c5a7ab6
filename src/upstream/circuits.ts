import type { Verdict } from './classify.ts';
import type { CircuitState } from './events.ts';

/** What an endpoint's circuit says about sending it one more attempt. */
export type Standing =
  /** Send it. */
  | 'admitted'
  /** Open, or half-open with its probes out: it does worse than it should. */
  | 'ejected'
  /**
   * Not closed, and nothing but failures since it was; or held open by an operator. An attempt can only fail. Failures of one
   * route, or of one caller, count for this route's or this caller's attempts only.
   */
  | 'dead'
  /** It asked for no calls until a time that has not come. */
  | 'paused';

/** What one attempt was let through with. */
export interface Permit {
  /** Says how it went, and of a failure by what code, for operators. A second time does nothing. */
  end(verdict: Verdict, code?: string): void;
}

/** What operators see of one circuit. */
export interface CircuitSnapshot {
  /** Null where the endpoint has one circuit for all routes. */
  readonly route: string | null;
  readonly state: CircuitState;
  /** Failures in a row. */
  readonly failures: number;
  /** Until when it is open, in milliseconds from now; null unless it is. */
  readonly opensForMs: number | null;
}

/** The circuit of one endpoint, or of each of its routes. */
export interface Circuits {
  /**
   * Before choosing an endpoint. A circuit that is due for a probe admits a read as one; for a write it is `ejected`, or
   * `dead`, unless no read has come for `openMs`.
   */
  standing(route: string, isRead: boolean, caller: string): Standing;
  /** Whether none of its routes has a closed circuit, or an operator holds it open. False where nothing was called yet. */
  isOpen(): boolean;
  /** When the circuit opened, on the clock's scale; null unless it is open or half-open. */
  openSince(route: string): number | null;
  /** Lets one attempt through, whatever the circuit says: who may go was decided by `standing`. */
  begin(route: string, caller: string): Permit;
  /** Closes everything and forgets what was counted. */
  reset(because: string): void;
  snapshot(): readonly CircuitSnapshot[];
}
