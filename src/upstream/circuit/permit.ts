import type { Permit } from '../circuits.ts';
import type { Verdict } from '../classify.ts';
import type { Origin } from './origin.ts';

/** Called once with the outcome of an attempt and its permit. */
export type Hear<From> = (verdict: Verdict, permit: OncePermit<From>, code?: string) => void;

/** A permit that ends once. It is also the origin of its attempt, which saves an object for each. */
export class OncePermit<From> implements Permit, Origin {
  readonly from: From;
  readonly generation: number;
  readonly route: string;
  readonly caller: string;
  #hear: Hear<From> | null;

  constructor(hear: Hear<From>, from: From, generation: number, route: string, caller: string) {
    this.#hear = hear;
    this.from = from;
    this.generation = generation;
    this.route = route;
    this.caller = caller;
  }

  end(verdict: Verdict, code?: string): void {
    const hear = this.#hear;
    this.#hear = null;
    hear?.(verdict, this, code);
  }
}
