import { Readable } from 'node:stream';

export const isAsyncIterable = (value: unknown): value is AsyncIterable<Uint8Array> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** A stream of a module that is part of a body. */
export class BodySource implements AsyncIterable<Uint8Array> {
  readonly #stream: AsyncIterable<Uint8Array>;
  #isBegun = false;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#stream = stream;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.#isBegun = true;
    return this.#stream[Symbol.asyncIterator]();
  }

  /** Frees a stream that was never read, such as an open file. A loop over a stream frees it otherwise. */
  release(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    if (this.#stream instanceof Readable) this.#stream.destroy();
    else void this.#close().catch(() => {});
  }

  async #close(): Promise<void> {
    await this.#stream[Symbol.asyncIterator]().return?.();
  }
}
