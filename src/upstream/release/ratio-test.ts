/** Ratios of the two rates that the test looks for. Each has the same share of the evidence. */
const RATIOS = [1.5, 2, 4, 8, 16, 64];

/**
 * Sequential test that events of one kind are more frequent in calls of a canary than in calls of its baseline.
 *
 * If both have the same rate, an event belongs to a call of the canary with the canary's share of the calls, whatever the
 * rate is and however it changes. Each event multiplies the likelihood ratio of a rate that is r times as high; the
 * evidence is the mean over several r. With equal or lower rates of the canary it is a non-negative supermartingale that
 * starts at 1, so that the probability that it ever reaches 1 / alpha is at most alpha, however often it is compared
 * (Ville's inequality).
 *
 * Sources: A. Wald, Sequential Tests of Statistical Hypotheses (1945); H. Robbins, Statistical Methods Related to the Law
 * of the Iterated Logarithm (1970), for the mixture; J. Przyborowski and H. Wilenski, Homogeneity of Results in Testing
 * Samples from Poisson Series (1940), for the conditional test.
 */
export class RatioTest {
  readonly #logs = RATIOS.map(() => 0);
  #evidence = 1;

  /** Adds an event. `share` is the canary's share of the calls, above 0 and below 1. */
  observe(isCanary: boolean, share: number): void {
    for (const [at, ratio] of RATIOS.entries())
      this.#logs[at] = (this.#logs[at] ?? 0) + Math.log((isCanary ? ratio : 1) / (share * ratio + 1 - share));
    this.#evidence = this.#logs.reduce((sum, log) => sum + Math.exp(log), 0) / RATIOS.length;
  }

  /** The evidence; 1 without events. */
  get evidence(): number {
    return this.#evidence;
  }
}
