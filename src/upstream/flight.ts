import { type Answer, type Call, copyOf, type Send } from './call.ts';
import { Cancellation, type Signal } from './signal.ts';

/** A copy of plain data: one request must not see what another does to its own. */
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

/** What is shared is never a stream, so there is no end to wait for. */
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
const NOBODY: Waiter[] = [];

/**
 * One call in progress, and those who wait for its answer. The first of them has the answer itself, all others copies.
 *
 * Once it is over it leads to nothing any more. V8 needs that: a Map leaves behind the tables that it has outgrown, each with
 * a way to the next one, and what was ever in them lives until the next full collection. Answers would, all of them.
 */
export class Flight {
  /** What it was started for; null once it is over and nobody may join. */
  call: Call | null;
  /** Of the call it was started for. */
  readonly deadline: number;
  /** Another one of the same key. */
  beside: Flight | undefined = undefined;
  /** What it is found by. */
  readonly key: string | number;
  #waiters = NOBODY;
  #waiting = 0;
  #own: Cancellation | null = new Cancellation();
  readonly #onOver: (flight: Flight) => void;

  /** `onOver` is called once: nobody waits any more, or nobody needs to. */
  constructor(call: Call, key: Flight['key'], onOver: (flight: Flight) => void) {
    this.call = call;
    this.key = key;
    this.deadline = call.deadline;
    this.#onOver = onOver;
  }

  /** To be called once, when the first one waits. Never rejects. */
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

  /** Waits as long as the waiter itself may and likes to. */
  join({ signal }: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#abort(signal.reason);
      };
      const waiter = { signal, leave, resolve, reject };
      if (this.#waiters === NOBODY) this.#waiters = [waiter];
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

  // All who wait have theirs before any of them goes on.
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
    this.#waiters = NOBODY;
    for (const { signal, leave } of waiters) signal.removeEventListener('abort', leave);
    this.#onOver(this);
    return waiters;
  }
}
