import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { RequestContext, RequestMemory } from '../../request/request-context.ts';

/** Number of fields between two checks of the clock. */
const STRIDE = 256;

/**
 * Estimated bytes of heap for one field. Measured: a page of 2,000 orders counts 156,000 fields and takes about 15 MB.
 */
const BYTES_PER_FIELD = 64;

/** Milliseconds after the deadline for building the response. Calls to backends end at the deadline. */
const GRACE_MS = 1_000;

/**
 * The work that one execution may still do. Timers cannot fire while an execution blocks the thread, so the budget
 * checks the clock itself.
 *
 * When the budget runs out, `onSpent` is called once, and every further field gets a promise that never settles.
 * Failing each field would create up to a million errors.
 */
export class ExecutionBudget {
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #onSpent: (error: GatewayError) => void;
  readonly #memory: RequestMemory | undefined;
  #left: number;
  #counted: number;
  /** The pending promise for every further field; null while the budget lasts. */
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

  /**
   * Takes `count` fields from the budget. Returns null if they may be resolved, else the promise to return in their
   * place.
   */
  take(count = 1): Promise<never> | null {
    if (this.#over !== null) return this.#over;
    const before = this.#left;
    this.#left -= count;
    if (this.#left < 0)
      return this.#stop(
        new GatewayError('COST_LIMIT', 'The response would have too many fields: request fewer items.'),
      );
    return Math.floor(before / STRIDE) === Math.floor(this.#left / STRIDE) ? null : this.look();
  }

  /** Checks the clock and the memory in flight. Returns null while both allow more work. */
  look(): Promise<never> | null {
    if (this.#over !== null) return this.#over;
    const bytes = (this.#counted - this.#left) * BYTES_PER_FIELD;
    this.#counted = this.#left;
    if (this.#memory?.grow(bytes) === false)
      return this.#stop(new GatewayError('OVERLOADED', 'The execution was stopped to free memory for other requests.'));
    if (this.#clock.now() < this.#deadline) return null;
    return this.#stop(new GatewayError('TIMEOUT', 'The execution exceeded the deadline of the request.'));
  }

  #stop(error: GatewayError): Promise<never> {
    this.#over = new Promise<never>(() => {});
    this.#onSpent(error);
    return this.#over;
  }
}
