import { Queue } from './linked-queue.ts';

/** Bounds the number of concurrent tasks. Others wait, first in, first out. */
export class Semaphore {
  #free: number;
  readonly #waiting = new Queue<() => void>();

  constructor(permits: number) {
    this.#free = permits;
  }

  /** Waits for a permit. Returns the function that gives it back. Rejects with the signal's reason at an abort. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    let isHeld = true;
    return () => {
      if (isHeld) this.#release();
      isHeld = false;
    };
  }

  #release(): void {
    const next = this.#waiting.next();
    if (next === undefined) this.#free += 1;
    else next();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = this.#waiting.join(resolve);
    const onAbort = (): void => {
      // After its turn the permit is held, and given back by the task.
      if (!place.waits) return;
      this.#waiting.leave(place);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
