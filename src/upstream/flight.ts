import type { Answer, Call, Send } from './call.ts';

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

interface Waiter {
  readonly signal: AbortSignal;
  readonly leave: () => void;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const ONCE = { once: true };

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
  #waiters: Waiter[] = [];
  #waiting = 0;
  #controller: AbortController | null = new AbortController();
  readonly #onOver: () => void;

  /** `onOver` is called once: nobody waits any more, or nobody needs to. */
  constructor(call: Call, onOver: () => void) {
    this.call = call;
    this.deadline = call.deadline;
    this.#onOver = onOver;
  }

  /** To be called once, when the first one waits. Never rejects. */
  async start(next: Send): Promise<void> {
    const { call } = this;
    const signal = this.#controller?.signal;
    if (call === null || signal === undefined) return;
    try {
      this.#land(await next({ ...call, signal, bounded: false }));
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
      this.#waiters.push({ signal, leave, resolve, reject });
      this.#waiting += 1;
      signal.addEventListener('abort', leave, ONCE);
    });
  }

  #abort(reason: unknown): void {
    const controller = this.#controller;
    this.#end();
    controller?.abort(reason);
  }

  // All who wait have theirs before any of them goes on.
  #land(answer: Answer): void {
    for (const [index, { resolve, reject }] of this.#end().entries())
      try {
        resolve(index === 0 ? answer : { ...answer, value: copied(answer.value) });
      } catch (error) {
        // Nested too deeply to be copied.
        reject(error);
      }
  }

  #end(): readonly Waiter[] {
    const waiters = this.#waiters;
    this.call = null;
    this.#controller = null;
    this.#waiters = [];
    for (const { signal, leave } of waiters) signal.removeEventListener('abort', leave);
    this.#onOver();
    return waiters;
  }
}
