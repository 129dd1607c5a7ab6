import type { Permit } from '../circuits.ts';
import type { Verdict } from '../classify.ts';
import type { Origin } from './origin.ts';

/** Called with the verdict on an attempt, once, and the permit that the attempt had. */
export type Hear<From> = (verdict: Verdict, permit: OncePermit<From>, code?: string) => void;

/** A permit that ends once. It is the origin of its attempt itself: one object less for each. */
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
