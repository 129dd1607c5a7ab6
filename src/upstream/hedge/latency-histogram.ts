const MIN_MS = 0.1;
/** Ratio of the upper bounds of adjacent buckets. 160 buckets reach beyond five minutes. */
const GROWTH = 1.1;
const BUCKETS = 160;
/** Number of observations at which all counts are halved, so that old observations fade. */
const MAX_OBSERVATIONS = 1_000;

const bucketOf = (ms: number): number => {
  if (ms <= MIN_MS) return 0;
  return Math.min(Math.ceil(Math.log(ms / MIN_MS) / Math.log(GROWTH)), BUCKETS - 1);
};

/** A histogram of recent latencies in buckets that grow by a tenth. Its size is fixed: 1.3 KB. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;

  observe(ms: number): void {
    const bucket = bucketOf(ms);
    this.#counts[bucket] = this.#in(bucket) + 1;
    this.#total += 1;
    if (this.#total < MAX_OBSERVATIONS) return;
    for (let old = 0; old < BUCKETS; old += 1) this.#counts[old] = this.#in(old) / 2;
    this.#total /= 2;
  }

  /** Number of observations; faded ones count as fractions. */
  get weight(): number {
    return this.#total;
  }

  /**
   * Returns the latency that this share of the calls does not exceed, in milliseconds, rounded up by at most a tenth; 0
   * without observations.
   */
  quantile(share: number): number {
    if (this.#total === 0) return 0;
    let above = this.#total * (1 - share);
    for (let bucket = BUCKETS - 1; bucket > 0; bucket -= 1) {
      above -= this.#in(bucket);
      if (above < 0) return MIN_MS * GROWTH ** bucket;
    }
    return MIN_MS;
  }

  #in(bucket: number): number {
    return this.#counts[bucket] ?? 0;
  }
}
