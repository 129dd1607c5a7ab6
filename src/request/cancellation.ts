/** The part of an AbortSignal that a call needs. Every AbortSignal is one. */
export interface Signal {
  readonly aborted: boolean;
  /** Reason of the abort; undefined before it. */
  readonly reason: unknown;
  /** @throws the reason, if aborted */
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * A signal that can be aborted. Listeners are called once, in order of registration; a listener that was removed before
 * is not called.
 *
 * Every attempt of a call has its own. An AbortController with a listener costs ten times as much: it keeps a table of
 * events and creates an event for each abort.
 */
export class Cancellation implements Signal {
  aborted = false;
  reason: unknown = undefined;
  /** The first listener, which is usually the only one and needs no list. */
  #listener: (() => void) | null = null;
  #others: Set<() => void> | null = null;

  /** A second abort does nothing. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#listener?.();
    if (this.#others !== null) for (const other of this.#others) other();
    this.#listener = null;
    this.#others = null;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    if (this.#listener === null && this.#others === null) this.#listener = listener;
    else {
      this.#others ??= new Set();
      this.#others.add(listener);
    }
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#listener === listener) this.#listener = null;
    else this.#others?.delete(listener);
  }
}
