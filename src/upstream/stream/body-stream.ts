/** A failure of the source of a request body. `cause` is the source's error. It says nothing about the endpoint. */
export class BodySourceError extends Error {
  override readonly name = 'BodySourceError';
}

export interface BodyStreamOptions {
  /** Name of the call, for messages. */
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Maximum size in bytes. */
  readonly maxBytes: number;
  /** Frees the sources of the chunks. Called once, at the end of the call. */
  readonly release: () => void;
}

/**
 * A request body that is sent as it is produced. A call with such a body is sent once: it may be repeated only as long
 * as no chunk has been requested.
 */
export class BodyStream implements AsyncIterable<Uint8Array> {
  readonly #options: BodyStreamOptions;
  #isBegun = false;
  #isReleased = false;
  #whenSent: () => void = () => {};
  #connection: { readonly unsentBytes: number } | null = null;

  constructor(options: BodyStreamOptions) {
    this.#options = options;
  }

  /** True once a chunk has been requested: the body cannot be sent again. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Calls `run` once all chunks have been sent. The last call of this method counts. */
  onSent(run: () => void): void {
    this.#whenSent = run;
  }

  /** Sets the connection that carries this body, and nothing else meanwhile. */
  sentOn(connection: { readonly unsentBytes: number }): void {
    this.#connection = connection;
  }

  /**
   * True while a chunk is requested if all earlier ones have left the process, so that their memory is no longer read.
   * False if that is unknown.
   */
  get isFlushed(): boolean {
    return this.#connection?.unsentBytes === 0;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#options.release();
  }

  /** @throws BodySourceError if the source fails, yields something other than bytes, or exceeds the limit. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#isBegun = true;
    const { name, chunks, maxBytes } = this.#options;
    let left = maxBytes;
    try {
      for await (const chunk of chunks) {
        const bytes: unknown = chunk;
        if (!(bytes instanceof Uint8Array)) throw new TypeError(`${name}: a stream in a body must yield Uint8Array.`);
        left -= bytes.length;
        if (left < 0) throw new Error(`${name}: the body has more than ${maxBytes} bytes (maxRequestBytes).`);
        if (bytes.length > 0) yield bytes;
      }
      this.#whenSent();
    } catch (cause) {
      throw new BodySourceError('the source of the body failed', { cause });
    }
  }
}
