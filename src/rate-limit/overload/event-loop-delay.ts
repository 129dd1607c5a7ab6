import type { Clock } from '../../core/clock.ts';

const SAMPLE_MS = 10;
/** Share of the last value that a smaller one keeps: half after 70 ms without delay. */
const KEPT = 0.9;

/**
 * How late this process runs its timers, in milliseconds: about the time that a new request waits. It rises with one late
 * timer, and falls over several.
 */
export class EventLoopDelay {
  readonly #clock: Clock;
  #ms = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sample();
  }

  get ms(): number {
    return this.#ms;
  }

  #sample(): void {
    const due = this.#clock.now() + SAMPLE_MS;
    this.#clock.after(SAMPLE_MS, () => {
      this.#ms = Math.max(this.#clock.now() - due, this.#ms * KEPT, 0);
      this.#sample();
    });
  }
}
