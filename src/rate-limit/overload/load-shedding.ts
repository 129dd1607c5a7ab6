import type { OverloadLimits } from '../rules/rule.ts';
import type { EventLoopLoad } from './event-loop.ts';
import type { Priority } from './priority.ts';

/** Share of the way from one value to another that a third one has gone: 0 before the first, 1 beyond the second. */
const shareBetween = (from: number, to: number, value: number): number =>
  Math.min(Math.max((value - from) / (to - from), 0), 1);

/** Refuses requests by their priority while the gateway is overloaded. */
export class LoadShedding {
  readonly #load: () => EventLoopLoad;
  #inFlight = 0;
  /** Parts of requests that are due to be refused, by priority. */
  readonly #due: Record<Priority, number> = { critical: 0, default: 0, sheddable: 0 };

  /** `load` returns the load of the event loop at this time. */
  constructor(load: () => EventLoopLoad) {
    this.#load = load;
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
   * the delay, and above its utilization from none to all at 1: refusing all at once would make the load swing. Envoy's overload
   * manager calls this a scaled trigger.
   */
  admits(priority: Priority, { delayMs, utilization, inFlight }: OverloadLimits): boolean {
    const most = inFlight[priority];
    if (most !== null && this.#inFlight > most) return false;
    const share = this.#refusedShare(delayMs[priority], utilization[priority]);
    this.#due[priority] = share === 0 ? 0 : this.#due[priority] + share;
    if (this.#due[priority] < 1) return true;
    this.#due[priority] -= 1;
    return false;
  }

  /** Share of the requests that is refused because of the event loop. */
  #refusedShare(delayMs: number | null, utilization: number | null): number {
    if (delayMs === null && utilization === null) return 0;
    const load = this.#load();
    return Math.max(
      delayMs === null ? 0 : shareBetween(delayMs, 2 * delayMs, load.delayMs),
      utilization === null ? 0 : shareBetween(utilization, 1, load.utilization),
    );
  }
}
