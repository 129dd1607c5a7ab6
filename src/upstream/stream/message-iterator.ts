/** Source of the messages of a stream. */
export interface MessageSource<Raw> {
  /** Returns the next message that has arrived; null for none. */
  take(): Raw | null;
  decode(raw: Raw): unknown;
  /** The reader needs no more messages. */
  cancel(): void;
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined };

/**
 * The messages of one stream, each yielded once and in order, for one reader with any number of pending reads. Leaving
 * the loop cancels the stream.
 */
export class Messages<Raw> implements AsyncIterableIterator<unknown> {
  readonly #source: MessageSource<Raw>;
  #end: { readonly error: unknown; readonly isSudden: boolean } | null = null;
  #isOver = false;
  #awaited: PromiseWithResolvers<void> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: MessageSource<Raw>) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<unknown>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#isOver = true;
    this.#source.cancel();
    this.arrived();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A message has arrived. */
  arrived(): void {
    this.#awaited?.resolve();
    this.#awaited = null;
  }

  /** No more messages arrive. Those that have are still yielded, then `error` is thrown unless it is null. */
  finish(error: unknown): void {
    this.#end ??= { error, isSudden: false };
    this.arrived();
  }

  /** Fails the reader immediately with this error, whatever has arrived. */
  abort(error: unknown): void {
    this.#end = { error, isSudden: true };
    this.arrived();
  }

  async #next(): Promise<IteratorResult<unknown>> {
    while (!this.#isOver) {
      const raw = this.#end?.isSudden === true ? null : this.#source.take();
      if (raw !== null) return { done: false, value: await this.#decoded(raw) };
      if (this.#end !== null) return this.#finished(this.#end.error);
      this.#awaited ??= Promise.withResolvers();
      await this.#awaited.promise;
    }
    return DONE;
  }

  #finished(error: unknown): IteratorResult<unknown> {
    this.#isOver = true;
    if (error !== null) throw error;
    return DONE;
  }

  async #decoded(raw: Raw): Promise<unknown> {
    try {
      return await this.#source.decode(raw);
    } catch (error) {
      this.#isOver = true;
      this.#source.cancel();
      throw error;
    }
  }
}
