import type { Body } from './decompress.ts';

/** Receives the bytes of a raw body. */
export interface RawSink {
  /** Returns false if the next chunk must wait for the body's `resume`. */
  write(chunk: Buffer): boolean;
  end(): void;
  /** The body is incomplete: the connection failed, or the call was aborted. */
  fail(error: unknown): void;
}

export interface RawBodyEvents {
  /** The next chunk may be written. */
  ready(): void;
  /** All chunks have arrived. */
  complete(): void;
  /** The reader needs no more chunks. */
  left(): void;
}

type End = { readonly error: unknown } | 'complete';

/** Bytes that are held for a sink before the connection pauses: small answers are then complete in one turn. */
const MAX_HELD_BYTES = 65_536;

/**
 * The body of an answer as it arrives, undecoded, for one sink. Chunks that arrive before the sink are held, up to 64 KiB
 * and one chunk.
 */
export class RawBody implements Body {
  /** Values of `set-cookie`, which cannot be joined to one header. */
  readonly cookies: readonly string[];
  /** True if its chunks share buffers with nothing else. Connections of HTTP/2 have buffers for all of their streams. */
  readonly ownsBuffers: boolean;
  readonly #events: RawBodyEvents;
  readonly #ended = Promise.withResolvers<void>();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #sink: RawSink | null = null;
  #end: End | null = null;

  constructor(events: RawBodyEvents, cookies: readonly string[] = [], ownsBuffers = false) {
    this.#events = events;
    this.cookies = cookies;
    this.ownsBuffers = ownsBuffers;
  }

  /** Resolves once the body has ended, in whatever way. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Bytes that have arrived and wait for a sink, if they are the whole body; null otherwise. */
  takeWhole(): Buffer | null {
    if (this.#end !== 'complete' || this.#sink !== null) return null;
    const [first = Buffer.alloc(0), ...others] = this.#held;
    this.#held = [];
    return others.length === 0 ? first : Buffer.concat([first, ...others]);
  }

  /** Passes all chunks to a sink, those that have arrived first. */
  pipe(sink: RawSink): void {
    this.#sink = sink;
    const chunks = this.#held;
    this.#held = [];
    let mayContinue = true;
    for (const chunk of chunks) mayContinue = sink.write(chunk) && mayContinue;
    if (this.#end !== null) this.#close(sink, this.#end);
    else if (mayContinue) this.#events.ready();
  }

  write(chunk: Buffer): boolean {
    if (this.#sink !== null) return this.#sink.write(chunk);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    return this.#heldBytes < MAX_HELD_BYTES;
  }

  resume(): void {
    if (this.#end === null) this.#events.ready();
  }

  end(): void {
    this.#finish('complete');
    this.#events.complete();
  }

  fail(error: unknown): void {
    this.#finish({ error });
  }

  /** Ends the body early: nothing more is read, and its connection is closed. */
  cancel(): void {
    this.#held = [];
    if (this.#end === null) this.#events.left();
  }

  destroy(): void {
    this.#ended.resolve();
  }

  #finish(end: End): void {
    if (this.#end !== null) return;
    this.#end = end;
    if (this.#sink !== null) this.#close(this.#sink, end);
  }

  #close(sink: RawSink, end: End): void {
    if (end === 'complete') sink.end();
    else sink.fail(end.error);
  }
}

const NO_EVENTS: RawBodyEvents = { ready: () => {}, complete: () => {}, left: () => {} };

/** A body that has arrived completely. */
export const completeBody = (bytes: Buffer, cookies: readonly string[] = []): RawBody => {
  const body = new RawBody(NO_EVENTS, cookies);
  body.write(bytes);
  body.end();
  return body;
};
