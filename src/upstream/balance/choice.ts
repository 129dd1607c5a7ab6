import type { Call } from '../call.ts';
import type { Level, Seat } from './seat.ts';

/** Whom to choose from: the seats of one level that have a weight. */
export interface Choice {
  readonly level: Level;
  /** Of the weights; above 0. */
  readonly total: number;
  /** Open to endpoints that are not well, too. It goes by weight alone then: a survivor would get everything. */
  readonly panic: boolean;
  readonly call: Call;
  readonly now: number;
}

/** Chooses one. Null where nobody has a weight. */
export type Choose = (choice: Choice) => Seat | null;
