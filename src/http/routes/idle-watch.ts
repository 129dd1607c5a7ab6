import type { Clock, Timer } from '../../core/clock.ts';

/** Why a watch has expired: nothing happened, or its last time has come. */
export type ExpiredBy = 'idle' | 'age';

/**
 * Calls `expired` once nothing has happened for `ms` milliseconds, and at the time `until` in any case. One timer, whatever
 * the number of events.
 */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #until: number;
  readonly #expired: (by: ExpiredBy) => void;
  #ms: number;
  #touchedAt: number;
  #timer: Timer;

  constructor(clock: Clock, ms: number, until: number, expired: (by: ExpiredBy) => void) {
    this.#clock = clock;
    this.#until = until;
    this.#expired = expired;
    this.#ms = ms;
    this.#touchedAt = clock.now();
    this.#timer = this.#next(ms);
  }

  /** Records an event. */
  touch(): void {
    this.#touchedAt = this.#clock.now();
  }

  /** Records an event, and changes the limit. */
  limit(ms: number): void {
    this.touch();
    if (ms < this.#ms) {
      this.#timer.cancel();
      this.#timer = this.#next(ms);
    }
    this.#ms = ms;
  }

  stop(): void {
    this.#timer.cancel();
  }

  #next(ms: number): Timer {
    return this.#clock.after(Math.min(ms, this.#until - this.#clock.now()), () => this.#check());
  }

  #check(): void {
    const now = this.#clock.now();
    const left = this.#ms - (now - this.#touchedAt);
    if (now >= this.#until) this.#expired('age');
    else if (left > 0) this.#timer = this.#next(left);
    else this.#expired('idle');
  }
}
