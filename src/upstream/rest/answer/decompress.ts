import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';

/** Supported codings of a body (RFC 9110, 8.4.1; RFC 7932; RFC 8878). */
export type Coding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd';

/** The `accept-encoding` of calls with compression. */
export const ACCEPTED_CODINGS = 'gzip, br, zstd';

/** Parses a `content-encoding`; null for an unknown coding and for a list of codings. */
export const codingOf = (header: string | undefined): Coding | null => {
  const name = (header ?? '').trim().toLowerCase();
  switch (name) {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
    case 'br':
    case 'zstd':
      return name;
    default:
      return null;
  }
};

/** Receives the decoded chunks of one body. */
export interface BodySink {
  /** Returns false if the next chunk must wait for the body's `resume`. */
  write(chunk: Buffer): boolean;
  end(): void;
  destroy(): void;
}

/** Decodes the chunks of one body. */
export interface Body {
  /** Returns false if the caller must wait for `ready` before the next chunk. */
  write(chunk: Buffer): boolean;
  /** The sink accepts another chunk. */
  resume(): void;
  /** Marks the end of the body. The sink's end follows, or `broken` for an invalid body. */
  end(): void;
  /** Releases all buffers. No event follows. */
  destroy(): void;
}

export interface BodyEvents {
  /** The next chunk may be written. */
  ready(): void;
  /** The body does not match its coding. */
  broken(error: Error): void;
}

const OPTIONS = { chunkSize: 65_536 };

const decoderOf = (coding: Exclude<Coding, 'identity'>, first: Buffer): Transform => {
  switch (coding) {
    case 'gzip':
      return createGunzip(OPTIONS);
    case 'br':
      return createBrotliDecompress(OPTIONS);
    case 'zstd':
      return createZstdDecompress(OPTIONS);
    case 'deflate':
      // `deflate` is the zlib format, but many servers send raw deflate (RFC 9110, 8.4.1.2). A zlib header has 8 in its
      // low four bits.
      return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate(OPTIONS) : createInflateRaw(OPTIONS);
    default:
      return coding satisfies never;
  }
};

const NOTHING = Buffer.alloc(0);

export interface CollectorEvents {
  done(whole: Buffer): void;
  /** The body has grown beyond its limit. */
  tooLarge(): void;
}

/** Collects a body of at most `maxBytes`. */
export class BodyCollector implements BodySink {
  readonly #maxBytes: number;
  readonly #events: CollectorEvents;
  #first: Buffer | null = null;
  /** All chunks; null for a single one. */
  #chunks: Buffer[] | null = null;
  #size = 0;

  constructor(maxBytes: number, events: CollectorEvents) {
    this.#maxBytes = maxBytes;
    this.#events = events;
  }

  write(chunk: Buffer): boolean {
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) this.#events.tooLarge();
    else if (this.#first === null) this.#first = chunk;
    else if (this.#chunks === null) this.#chunks = [this.#first, chunk];
    else this.#chunks.push(chunk);
    return true;
  }

  end(): void {
    this.#events.done(this.#chunks === null ? (this.#first ?? NOTHING) : Buffer.concat(this.#chunks, this.#size));
  }

  destroy(): void {
    this.#first = null;
    this.#chunks = null;
  }
}

const plainBody = (sink: BodySink, events: BodyEvents): Body => ({
  write: (chunk) => sink.write(chunk),
  resume: () => events.ready(),
  end: () => sink.end(),
  destroy: () => sink.destroy(),
});

/** Decodes chunk by chunk. The sink stops at its limit, so that a decompression bomb never fills the memory. */
const codedBody = (coding: Exclude<Coding, 'identity'>, sink: BodySink, events: BodyEvents): Body => {
  let decoder: Transform | null = null;
  const start = (first: Buffer): Transform => {
    const started = decoderOf(coding, first);
    return started
      .on('data', (chunk: Buffer) => {
        if (!sink.write(chunk)) started.pause();
      })
      .on('drain', () => events.ready())
      .on('end', () => sink.end())
      .on('error', (error) => events.broken(error));
  };
  return {
    write: (chunk) => {
      decoder ??= start(chunk);
      return decoder.write(chunk);
    },
    resume: () => void decoder?.resume(),
    // Empty for every coding: servers send `content-encoding: gzip` with a content-length of 0.
    end: () => (decoder === null ? sink.end() : void decoder.end()),
    destroy: () => {
      decoder?.removeAllListeners().on('error', () => {});
      decoder?.destroy();
      sink.destroy();
    },
  };
};

/** Creates the decoder of one body. */
export const decompressedBody = (coding: Coding, sink: BodySink, events: BodyEvents): Body =>
  coding === 'identity' ? plainBody(sink, events) : codedBody(coding, sink, events);
