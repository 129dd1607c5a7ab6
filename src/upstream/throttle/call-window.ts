import type { Clock } from '../../core/clock.ts';

const SLICES = 60;

/** Numbers of calls and of accepted ones in a sliding window, in 60 slices. It covers 59 to 60 sixtieths of `windowMs`. */
export class CallWindow {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  readonly #calls = new Uint32Array(SLICES);
  readonly #accepted = new Uint32Array(SLICES);
  #slice: number;
  /** Number of calls in the window. */
  calls = 0;
  /** Number of accepted calls in the window. */
  accepted = 0;

  constructor(windowMs: number, clock: Clock) {
    this.#clock = clock;
    this.#sliceMs = windowMs / SLICES;
    this.#slice = this.#now();
  }

  /** Drops slices that have left the window. Call it before `calls` and `accepted` are read. */
  turn(): void {
    const now = this.#now();
    for (let next = Math.max(this.#slice + 1, now - SLICES + 1); next <= now; next += 1) {
      const at = next % SLICES;
      this.calls -= this.#calls[at] ?? 0;
      this.accepted -= this.#accepted[at] ?? 0;
      this.#calls[at] = 0;
      this.#accepted[at] = 0;
    }
    this.#slice = now;
  }

  count(isAccepted: boolean): void {
    this.turn();
    const at = this.#slice % SLICES;
    this.#calls[at] = (this.#calls[at] ?? 0) + 1;
    this.calls += 1;
    if (!isAccepted) return;
    this.#accepted[at] = (this.#accepted[at] ?? 0) + 1;
    this.accepted += 1;
  }

  #now(): number {
    return Math.floor(this.#clock.now() / this.#sliceMs);
  }
}
