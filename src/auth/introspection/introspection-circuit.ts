/** Consecutive failures after which introspection stops. */
const MAX_FAILURES = 5;
/** Wait after them, doubled with every further failure up to the maximum. */
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;

/**
 * The circuit of an introspection endpoint. It opens after five consecutive failures, and then admits one request after
 * each wait. Failures that may concern one token only count once for each network: a client that has such tokens cannot
 * open it. All times are on the scale of the clock.
 */
export class IntrospectionCircuit {
  #failures = 0;
  #openUntil = Number.NEGATIVE_INFINITY;
  #isProbing = false;
  /** Networks with a failure of one token since the last success: fewer than the failures that open the circuit. */
  readonly #networks = new Set<string>();

  get isOpen(): boolean {
    return this.#failures >= MAX_FAILURES;
  }

  /** Admits a request: returns 0. Otherwise returns the milliseconds to wait. */
  admit(now: number): number {
    if (!this.isOpen) return 0;
    if (now < this.#openUntil) return this.#openUntil - now;
    if (this.#isProbing) return FIRST_WAIT_MS;
    this.#isProbing = true;
    return 0;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isProbing = false;
    this.#networks.clear();
  }

  /** A failure that may concern one token of this network only. */
  failedFor(network: string, now: number): void {
    // The server answers: the next request may succeed.
    this.#isProbing = false;
    if (this.isOpen || this.#networks.has(network)) return;
    this.#networks.add(network);
    this.failed(now);
  }

  /** A failure that concerns all tokens. */
  failed(now: number): void {
    this.#failures += 1;
    this.#isProbing = false;
    if (this.isOpen)
      this.#openUntil = now + Math.min(FIRST_WAIT_MS * 2 ** (this.#failures - MAX_FAILURES), MAX_WAIT_MS);
  }
}
