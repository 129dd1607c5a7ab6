import { type Answer, type Call, copyOf, type Send } from './call.ts';
import { Cancellation, type Signal } from './signal.ts';

/** Copies plain data, so that one request cannot see another's changes. */
const copied = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Uint8Array) return value.slice();
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(value));
  for (const [name, part] of Object.entries(value))
    if (name !== '__proto__') copy[name] = copied(part);
    else
      Object.defineProperty(copy, name, { value: copied(part), enumerable: true, writable: true, configurable: true });
  return copy;
};

/** Shared answers are never streams, so `ended` is not copied. */
const copyOfAnswer = ({ status, headers, size, value }: Answer): Answer => ({
  status,
  headers,
  size,
  value: copied(value),
});

interface Waiter {
  readonly signal: Signal;
  readonly leave: () => void;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const ONCE = { once: true };
const NO_WAITERS: Waiter[] = [];

/**
 * One shared call in progress and its waiters. The first waiter receives the answer itself, all others receive copies.
 *
 * It drops all references once it is over: V8 keeps outgrown tables of a Map linked to each other until the next full
 * collection, and with them every answer that they reached.
 */
export class Flight {
  /** The call that started the flight; null once it is over and nothing can join. */
  call: Call | null;
  /** Deadline of the call that started it. */
  readonly deadline: number;
  /** Next flight with the same key. */
  beside: Flight | undefined = undefined;
  /** Key under which it is found. */
  readonly key: string | number;
  #waiters = NO_WAITERS;
  #waiting = 0;
  #own: Cancellation | null = new Cancellation();
  readonly #onOver: (flight: Flight) => void;

  /** `onOver` is called once, when the flight has ended or its last waiter has left. */
  constructor(call: Call, key: Flight['key'], onOver: (flight: Flight) => void) {
    this.call = call;
    this.key = key;
    this.deadline = call.deadline;
    this.#onOver = onOver;
  }

  /** Sends the call. Called once, with the first waiter. Never rejects. */
  async start(next: Send): Promise<void> {
    if (this.call === null || this.#own === null) return;
    const shared = copyOf(this.call);
    shared.signal = this.#own;
    shared.bounded = false;
    try {
      this.#land(await next(shared));
    } catch (error) {
      for (const { reject } of this.#end()) reject(error);
    }
  }

  /** Waits for the shared answer, within the waiter's own deadline and signal. */
  join({ signal }: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#abort(signal.reason);
      };
      const waiter = { signal, leave, resolve, reject };
      if (this.#waiters === NO_WAITERS) this.#waiters = [waiter];
      else this.#waiters.push(waiter);
      this.#waiting += 1;
      signal.addEventListener('abort', leave, ONCE);
    });
  }

  #abort(reason: unknown): void {
    const own = this.#own;
    this.#end();
    own?.abort(reason);
  }

  // Every waiter is served before any of them continues.
  #land(answer: Answer): void {
    let isFirst = true;
    for (const { resolve, reject } of this.#end()) {
      try {
        resolve(isFirst ? answer : copyOfAnswer(answer));
      } catch (error) {
        // Nested too deeply to be copied.
        reject(error);
      }
      isFirst = false;
    }
  }

  #end(): readonly Waiter[] {
    const waiters = this.#waiters;
    this.call = null;
    this.#own = null;
    this.#waiters = NO_WAITERS;
    for (const { signal, leave } of waiters) signal.removeEventListener('abort', leave);
    this.#onOver(this);
    return waiters;
  }
}
