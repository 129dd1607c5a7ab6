/** Milliseconds of one window. */
export const WINDOW_MS = 60_000;
/** Lines of refusals in a window: of all clients, and of one network. At most 144,000 lines a day. */
export const MAX_LINES = 100;
export const MAX_LINES_OF_ONE = 10;

/**
 * Bounds the lines about refusals, which any client can cause: a client without credentials must neither fill the disk
 * nor use up the lines of all others.
 */
export class RefusalWindow {
  #endsAt = Number.NEGATIVE_INFINITY;
  #written = 0;
  #omitted = 0;
  /** Lines by network. Has at most as many entries as lines were written. */
  readonly #ofOne = new Map<string, number>();

  /** Returns true if a line about a client of this network may be written at `now`, on a monotonic scale. */
  admits(network: string, now: number): boolean {
    if (now >= this.#endsAt) this.#begin(now);
    const own = this.#ofOne.get(network) ?? 0;
    if (this.#written >= MAX_LINES || own >= MAX_LINES_OF_ONE) {
      this.#omitted += 1;
      return false;
    }
    this.#written += 1;
    this.#ofOne.set(network, own + 1);
    return true;
  }

  /** Returns the number of lines that were not admitted since the last call. */
  takeOmitted(): number {
    const omitted = this.#omitted;
    this.#omitted = 0;
    return omitted;
  }

  #begin(now: number): void {
    this.#endsAt = now + WINDOW_MS;
    this.#written = 0;
    this.#ofOne.clear();
  }
}
