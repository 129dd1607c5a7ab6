import type { RequestContext, RequestMemory } from '../backend/request-context.ts';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors.ts';

/** How many fields may be resolved between two looks at the clock. */
const STRIDE = 256;

/** Estimated bytes of heap for one field. A page of 2,000 orders counts 156,000 of them and takes some 15 MB. */
const BYTES_PER_FIELD = 64;

/** Calls end at the deadline by themselves; this long, in milliseconds, is for putting together what the others gave. */
const GRACE_MS = 1_000;

/**
 * How much one execution may still do. Timers cannot fire while an execution keeps the thread, so it looks at the clock itself.
 *
 * Once it is spent, every field waits for ever and nothing below it begins: `onSpent` is told of it at once, and once, and the rest
 * is garbage. An error a field would be a million errors.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #onSpent: (error: GatewayError) => void;
  readonly #memory: RequestMemory | undefined;
  #left: number;
  #counted: number;
  /** What every field waits for; null while there is something left. */
  #over: Promise<never> | null = null;

  constructor(
    maxFields: number,
    { deadline, memory }: Pick<RequestContext, 'deadline' | 'memory'>,
    clock: Clock,
    onSpent: (error: GatewayError) => void,
  ) {
    this.#left = maxFields;
    this.#counted = maxFields;
    this.#memory = memory;
    this.#deadline = deadline + GRACE_MS;
    this.#clock = clock;
    this.#onSpent = onSpent;
  }

  /** Takes fields from the budget: null where they may be resolved, else what to give in their place. */
  take(count = 1): Promise<never> | null {
    if (this.#over !== null) return this.#over;
    const before = this.#left;
    this.#left -= count;
    if (this.#left < 0)
      return this.#stop(new GatewayError('COST_LIMIT', 'The answer would have too many fields: ask for fewer items.'));
    return Math.floor(before / STRIDE) === Math.floor(this.#left / STRIDE) ? null : this.look();
  }

  /** Looks at the clock and at the memory in flight: null while there is time and room. */
  look(): Promise<never> | null {
    if (this.#over !== null) return this.#over;
    const bytes = (this.#counted - this.#left) * BYTES_PER_FIELD;
    this.#counted = this.#left;
    if (this.#memory?.grow(bytes) === false)
      return this.#stop(new GatewayError('OVERLOADED', 'The execution was ended to make room for others.'));
    if (this.#clock.now() < this.#deadline) return null;
    return this.#stop(new GatewayError('TIMEOUT', 'The execution took longer than the request may.'));
  }

  #stop(error: GatewayError): Promise<never> {
    this.#over = new Promise<never>(() => {});
    this.#onSpent(error);
    return this.#over;
  }
}
