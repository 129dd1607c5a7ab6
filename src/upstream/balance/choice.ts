import type { Call } from '../call.ts';
import type { Candidate, Level } from './seat.ts';

/** Candidates of one level for one call: those with a weight. */
export interface Choice {
  readonly level: Level;
  /** Sum of the weights. Greater than 0. */
  readonly total: number;
  /**
   * True if unhealthy endpoints take part. Only weights count then: by latency, one survivor would receive every call.
   */
  readonly panic: boolean;
  readonly call: Call;
  readonly now: number;
}

/** Chooses a candidate. Null if none has a weight. */
export type Choose = (choice: Choice) => Candidate | null;
