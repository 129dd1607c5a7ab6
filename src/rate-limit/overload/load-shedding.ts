import type { OverloadLimits } from '../rules/rule.ts';
import type { Priority } from './priority.ts';

/** Refuses requests by their priority while the gateway is overloaded. */
export class LoadShedding {
  readonly #delayMs: () => number;
  #inFlight = 0;
  /** Parts of requests that are due to be refused, by priority. */
  readonly #due: Record<Priority, number> = { critical: 0, default: 0, sheddable: 0 };

  /** `delayMs` returns how late the event loop is. */
  constructor(delayMs: () => number) {
    this.#delayMs = delayMs;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  enter(): void {
    this.#inFlight += 1;
  }

  leave(): void {
    this.#inFlight -= 1;
  }

  /**
   * True if a request that has entered may go on. Above its delay a growing share of requests is refused, from none to all at twice
   * the delay: refusing all at once would make the load swing.
   */
  admits(priority: Priority, { delayMs, inFlight }: OverloadLimits): boolean {
    const most = inFlight[priority];
    if (most !== null && this.#inFlight > most) return false;
    const from = delayMs[priority];
    const share = from === null ? 0 : Math.min(Math.max((this.#delayMs() - from) / from, 0), 1);
    this.#due[priority] = share === 0 ? 0 : this.#due[priority] + share;
    if (this.#due[priority] < 1) return true;
    this.#due[priority] -= 1;
    return false;
  }
}
