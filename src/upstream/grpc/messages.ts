/** Where the messages of a stream come from. */
export interface Source<Raw> {
  /** The next one that has arrived; null where none has. */
  take(): Raw | null;
  decode(raw: Raw): unknown;
  /** Nobody wants more. */
  cancel(): void;
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined };

/**
 * The messages of one stream, each given once and in order: one reader, which may ask for several at a time. Leaving the
 * loop cancels the stream.
 */
export class Messages<Raw> implements AsyncIterableIterator<unknown> {
  readonly #source: Source<Raw>;
  #end: { readonly error: unknown; readonly isSudden: boolean } | null = null;
  #isOver = false;
  #awaited: PromiseWithResolvers<void> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: Source<Raw>) {
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

  /** There is something to take. */
  arrived(): void {
    this.#awaited?.resolve();
    this.#awaited = null;
  }

  /** Nothing more will arrive. What has is still given, then the error unless that is null. */
  finish(error: unknown): void {
    this.#end ??= { error, isSudden: false };
    this.arrived();
  }

  /** Whoever reads fails with this at once, whatever has arrived. */
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
