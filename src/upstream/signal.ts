/** As much of an AbortSignal as a call needs. Every AbortSignal is one. */
export interface Signal {
  readonly aborted: boolean;
  /** What it was aborted with; undefined until then. */
  readonly reason: unknown;
  /** @throws its reason, where it was aborted */
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * A signal, and what aborts it. Each listener hears of it once, in the order of asking, and one that was taken away before does not.
 *
 * Every attempt of a call has one of its own, and an AbortController with a listener costs ten times as much: it has a table of
 * events, and makes an event of each abort.
 */
export class Cancellation implements Signal {
  aborted = false;
  reason: unknown = undefined;
  /** Hardly ever more than one listens: that one needs no list. */
  #listener: (() => void) | null = null;
  #others: Set<() => void> | null = null;

  /** A second time does nothing. */
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
