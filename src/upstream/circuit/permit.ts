import type { Outcome } from '../outcome.ts';
import type { Permit } from './circuit.ts';
import type { AttemptOrigin } from './origin.ts';

/** Called once with the outcome of an attempt and its permit. */
export type OnOutcome<From> = (outcome: Outcome, permit: OncePermit<From>, code?: string) => void;

/** A permit that ends once. It is also the origin of its attempt. */
export class OncePermit<From> implements Permit, AttemptOrigin {
  readonly from: From;
  readonly generation: number;
  readonly route: string;
  readonly caller: string;
  #onOutcome: OnOutcome<From> | null;

  constructor(onOutcome: OnOutcome<From>, from: From, generation: number, route: string, caller: string) {
    this.#onOutcome = onOutcome;
    this.from = from;
    this.generation = generation;
    this.route = route;
    this.caller = caller;
  }

  end(outcome: Outcome, code?: string): void {
    const onOutcome = this.#onOutcome;
    this.#onOutcome = null;
    onOutcome?.(outcome, this, code);
  }
}
