import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';

/** How many fields may be resolved between two looks at the clock. */
const STRIDE = 256;

/** Calls end at the deadline by themselves; this long, in milliseconds, is for putting together what the others gave. */
const GRACE_MS = 1_000;

/**
 * How much one execution may still do. Timers cannot fire while an execution keeps the thread, so it looks at the clock itself.
 *
 * Once it is spent, every field waits for ever and nothing below it begins: whoever waits for `spent` learns of it at once, and the
 * rest is garbage. An error a field would be a million errors.
 */
export class Budget {
  readonly spent: Promise<never>;
  readonly #never = new Promise<never>(() => {});
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #end: (error: GatewayError) => void;
  #left: number;
  #over = false;

  constructor(maxFields: number, deadline: number, clock: Clock) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.spent = promise;
    this.#end = reject;
    this.#left = maxFields;
    this.#deadline = deadline + GRACE_MS;
    this.#clock = clock;
  }

  /** Takes fields from the budget: null where they may be resolved, else what to give in their place. */
  take(count = 1): Promise<never> | null {
    if (this.#over) return this.#never;
    const before = this.#left;
    this.#left -= count;
    if (this.#left < 0)
      return this.#stop(new GatewayError('COST_LIMIT', 'The answer would have too many fields: ask for fewer items.'));
    const looks = Math.floor(before / STRIDE) !== Math.floor(this.#left / STRIDE);
    if (looks && this.#clock.now() >= this.#deadline)
      return this.#stop(new GatewayError('TIMEOUT', 'The execution took longer than the request may.'));
    return null;
  }

  #stop(error: GatewayError): Promise<never> {
    this.#over = true;
    this.#end(error);
    return this.#never;
  }
}
