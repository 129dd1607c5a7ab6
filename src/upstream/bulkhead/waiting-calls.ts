import type { Clock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { Queue } from '../../core/linked-queue.ts';
import type { Call } from '../call.ts';
import { NotProcessedError } from '../errors.ts';
import type { LayerDependencies } from '../events.ts';
import { MeanDuration } from './mean-duration.ts';

/** A call in the queue. */
interface Waiting {
  /** Called at its turn. Returns false if the call was rejected, because it cannot be answered in time. */
  start(): boolean;
}

const REASONS = {
  pending: 'too many calls wait',
  deadline: 'its deadline is before the end of its wait for other calls',
} as const;

/**
 * The queue of calls that wait for a call in flight to end, in order of arrival; `max` at most.
 *
 * A call is rejected at its arrival if its deadline is before the time at which it would be answered: each call before
 * it takes the mean duration of the recent calls, and itself a long one. It is rejected at its turn if too little of its
 * time is left. So no call is sent if its answer would be too late.
 */
export class WaitingCalls {
  readonly #max: number;
  readonly #clock: Clock;
  readonly #report: LayerDependencies['report'];
  readonly #queue = new Queue<Waiting>();
  readonly #duration = new MeanDuration();

  constructor(max: number, { clock, report }: Pick<LayerDependencies, 'clock' | 'report'>) {
    this.#max = max;
    this.#clock = clock;
    this.#report = report;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Records the time for which a call was in flight. */
  ended(ms: number): void {
    this.#duration.record(ms);
  }

  /**
   * Settles at the turn of the call, or when it is aborted. `limit` is the number of calls in flight.
   *
   * @throws UpstreamError SERVICE_UNAVAILABLE for a call that cannot wait
   */
  join(call: Call, limit: number): Promise<void> {
    if (this.size >= this.#max) throw this.#refusal(call, 'pending');
    const waitMs = ((this.size + 1) * this.#duration.ms) / limit;
    if (this.#isLate(call, waitMs)) throw this.#refusal(call, 'deadline');
    return new Promise((resolve, reject) => {
      const { signal } = call;
      const onAbort = () => {
        this.#queue.leave(place);
        reject(signal.reason);
      };
      const start = (): boolean => {
        signal.removeEventListener('abort', onAbort);
        const isLate = this.#isLate(call, 0);
        if (isLate) reject(this.#refusal(call, 'deadline'));
        else resolve();
        return !isLate;
      };
      const place = this.#queue.join({ start });
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Starts the first call that can be answered in time. Returns false if none waits. */
  startNext(): boolean {
    for (let next = this.#queue.next(); next !== undefined; next = this.#queue.next()) if (next.start()) return true;
    return false;
  }

  #isLate({ deadline }: Call, waitMs: number): boolean {
    return deadline - this.#clock.now() <= waitMs + this.#duration.longMs;
  }

  #refusal(call: Call, reason: keyof typeof REASONS): UpstreamError {
    this.#report({ is: 'refusal', route: call.route, reason });
    return new UpstreamError('SERVICE_UNAVAILABLE', call, REASONS[reason], {
      cause: new NotProcessedError(REASONS[reason]),
    });
  }
}
