import { type MessageSource, Messages } from '../../stream/message-iterator.ts';
import type { BodySink } from './decompress.ts';

/** Events of a body that is read as a stream. */
export interface AnswerStreamEvents {
  /** The reader has taken all chunks. */
  drained(): void;
  /** All chunks have arrived. */
  complete(): void;
  tooLarge(): void;
  /** The reader needs no more chunks. */
  left(): void;
}

/** The body of an answer, chunk by chunk at the pace of its reader, and at most `maxBytes`. */
export class AnswerStream implements BodySink, MessageSource<Buffer> {
  readonly #maxBytes: number;
  readonly #events: AnswerStreamEvents;
  readonly #messages: Messages<Buffer> = new Messages(this);
  readonly #ended = Promise.withResolvers<void>();
  #chunks: Buffer[] = [];
  #size = 0;
  #isTaken = false;

  constructor(maxBytes: number, events: AnswerStreamEvents) {
    this.#maxBytes = maxBytes;
    this.#events = events;
  }

  /** Resolves once the stream has ended, in whatever way. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The chunks, for one reader. */
  get value(): AsyncIterable<unknown> {
    return {
      [Symbol.asyncIterator]: () => {
        if (this.#isTaken) throw new Error('a stream can be read only once: make another call');
        this.#isTaken = true;
        return this.#messages;
      },
    };
  }

  write(chunk: Buffer): boolean {
    if (chunk.length === 0) return true;
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) this.#events.tooLarge();
    else {
      this.#chunks.push(chunk);
      this.#messages.arrived();
    }
    return false;
  }

  end(): void {
    this.#messages.finish(null);
    this.#events.complete();
  }

  /** Ends the stream with an error: at once, or after the chunks that have arrived. */
  fail(error: unknown, atOnce: boolean): void {
    if (atOnce) this.#messages.abort(error);
    else this.#messages.finish(error);
  }

  /** The connection is no longer in use. */
  destroy(): void {
    this.#ended.resolve();
  }

  take(): Buffer | null {
    const chunk = this.#chunks.shift() ?? null;
    if (chunk !== null && this.#chunks.length === 0) this.#events.drained();
    return chunk;
  }

  decode(chunk: Buffer): Uint8Array {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
  }

  cancel(): void {
    this.#chunks = [];
    this.#events.left();
  }
}
