import type { Permit } from '../circuits.ts';
import type { Verdict } from '../classify.ts';

/** Hears how an attempt went: `from` is what it was let through by, in this generation. */
export type Hear<From> = (verdict: Verdict, from: From, generation: number, code?: string) => void;

/** A permit whose end is heard once. */
export class OncePermit<From> implements Permit {
  readonly #from: From;
  readonly #generation: number;
  #hear: Hear<From> | null;

  constructor(hear: Hear<From>, from: From, generation: number) {
    this.#hear = hear;
    this.#from = from;
    this.#generation = generation;
  }

  end(verdict: Verdict, code?: string): void {
    const hear = this.#hear;
    this.#hear = null;
    hear?.(verdict, this.#from, this.#generation, code);
  }
}
