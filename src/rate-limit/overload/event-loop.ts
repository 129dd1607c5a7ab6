import { performance } from 'node:perf_hooks';
import type { Clock } from '../../core/clock.ts';

/** How much the event loop of this process has to do. */
export interface EventLoopLoad {
  /** How late timers run, in milliseconds: about the time that a new request waits. */
  readonly delayMs: number;
  /** Share of the time in which the event loop is not idle, 0 to 1. */
  readonly utilization: number;
}

/** Milliseconds in which the event loop was active and idle since the start of the process. */
export type ReadActivity = () => { readonly active: number; readonly idle: number };

const SAMPLE_MS = 10;
/** Share of the last delay that a smaller one keeps: half after 70 ms without delay. */
const KEPT = 0.9;
/** Time constant of the mean of the utilization, in milliseconds. */
const MEAN_MS = 100;

/** Samples the event loop every 10 ms. The delay rises with one late timer and falls over several; the utilization is a mean. */
export class MeasuredEventLoop implements EventLoopLoad {
  readonly #clock: Clock;
  readonly #readActivity: ReadActivity;
  #last: ReturnType<ReadActivity>;
  #delayMs = 0;
  #utilization = 0;

  /** `readActivity` default: Node's `performance.eventLoopUtilization`. */
  constructor(clock: Clock, readActivity: ReadActivity = performance.eventLoopUtilization) {
    this.#clock = clock;
    this.#readActivity = readActivity;
    this.#last = readActivity();
    this.#sample();
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  get utilization(): number {
    return this.#utilization;
  }

  #sample(): void {
    const due = this.#clock.now() + SAMPLE_MS;
    this.#clock.after(SAMPLE_MS, () => {
      this.#delayMs = Math.max(this.#clock.now() - due, this.#delayMs * KEPT, 0);
      const activity = this.#readActivity();
      const active = activity.active - this.#last.active;
      const ms = active + activity.idle - this.#last.idle;
      this.#last = activity;
      // A long sample counts more than a short one: in an overloaded process, samples are as long as a turn of the loop.
      if (ms > 0) this.#utilization += (active / ms - this.#utilization) * (1 - Math.exp(-ms / MEAN_MS));
      this.#sample();
    });
  }
}
