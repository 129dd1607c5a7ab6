/** Number of calls over which the mean is taken, with exponentially smaller weights of older ones. */
const CALLS = 16;
/** Mean deviations above the mean that few calls exceed. RFC 6298 has four, for a timeout. */
const DEVIATIONS = 2;

/** Time for which the recent calls of an upstream were in flight, in milliseconds: mean, and mean deviation. */
export class MeanDuration {
  #count = 0;
  #deviation = 0;
  /** 0 before the first call. */
  ms = 0;

  /** A duration that few calls exceed. */
  get longMs(): number {
    return this.ms + DEVIATIONS * this.#deviation;
  }

  record(ms: number): void {
    const difference = ms - this.ms;
    if (this.#count < CALLS) this.#count += 1;
    else this.#deviation += (Math.abs(difference) - this.#deviation) / CALLS;
    this.ms += difference / this.#count;
  }
}
