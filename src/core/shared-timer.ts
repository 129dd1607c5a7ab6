import type { Clock, Timer } from './clock.ts';

/** One wait, in a list sorted by time. */
export interface Wait {
  readonly at: number;
  readonly run: () => void;
  sooner: Wait | null;
  later: Wait | null;
}

/**
 * `Clock.after` for many waits of similar length, nearly all of which are cancelled long before their time. They are
 * kept sorted and share one timer of the clock, which runs while there are waits.
 *
 * Each wait is as exact as with a timer of its own. Inserting a wait that ends before others inspects each of these, so
 * waits of very different lengths need separate shared timers.
 */
export class SharedTimer {
  readonly #clock: Clock;
  #first: Wait | null = null;
  #last: Wait | null = null;
  #timer: Timer | null = null;
  /** Time of the clock's timer: not later than the first wait. */
  #ringsAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `run` once, at this time on the clock's scale. `now` is the clock's time. */
  at(at: number, now: number, run: () => void): Wait {
    let sooner = this.#last;
    while (sooner !== null && sooner.at > at) sooner = sooner.sooner;
    const later = sooner === null ? this.#first : sooner.later;
    const wait: Wait = { at, run, sooner, later };
    if (sooner === null) this.#first = wait;
    else sooner.later = wait;
    if (later === null) this.#last = wait;
    else later.sooner = wait;
    if (at < this.#ringsAt) this.#wind(at, now);
    return wait;
  }

  /** Cancelling twice, or after the time, does nothing. */
  cancel(wait: Wait): void {
    if (!this.#remove(wait) || this.#first !== null) return;
    this.#timer?.cancel();
    this.#ringsAt = Number.POSITIVE_INFINITY;
  }

  /** False if it was removed before. */
  #remove(wait: Wait): boolean {
    const { sooner, later } = wait;
    if (sooner === null && this.#first !== wait) return false;
    if (sooner === null) this.#first = later;
    else sooner.later = later;
    if (later === null) this.#last = sooner;
    else later.sooner = sooner;
    wait.sooner = null;
    wait.later = null;
    return true;
  }

  #wind(at: number, now: number): void {
    this.#timer?.cancel();
    this.#ringsAt = at;
    this.#timer = this.#clock.after(at - now, () => this.#ring());
  }

  #ring(): void {
    const now = this.#clock.now();
    this.#ringsAt = Number.POSITIVE_INFINITY;
    for (let wait = this.#first; wait !== null && wait.at <= now; wait = this.#first) {
      this.#remove(wait);
      wait.run();
    }
    // The wait it was set for was cancelled, or the runtime's timer was slightly early.
    if (this.#first !== null && this.#first.at < this.#ringsAt) this.#wind(this.#first.at, now);
  }
}
