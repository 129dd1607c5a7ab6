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

/** Collects and decodes the chunks of one body. */
export interface Body {
  /** Returns false if the caller must wait for `ready` before the next chunk. */
  write(chunk: Buffer): boolean;
  /** Marks the end of the body. `done` is then called once with the whole body, or `broken` for an invalid one. */
  end(): void;
  /** Releases all buffers. No event follows. */
  destroy(): void;
}

export interface BodyEvents {
  /** The next chunk may be written. */
  ready(): void;
  done(whole: Buffer): void;
  /** The body has grown beyond its limit. */
  tooLarge(): void;
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

class PlainBody implements Body {
  readonly #maxBytes: number;
  readonly #events: BodyEvents;
  #first: Buffer | null = null;
  /** All chunks; null for a single one. */
  #chunks: Buffer[] | null = null;
  #size = 0;

  constructor(maxBytes: number, events: BodyEvents) {
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

/** Decodes chunk by chunk and stops at the limit, so that a decompression bomb never fills the memory. */
const codedBody = (coding: Exclude<Coding, 'identity'>, maxBytes: number, events: BodyEvents): Body => {
  const plain = new PlainBody(maxBytes, events);
  let decoder: Transform | null = null;
  const start = (first: Buffer): Transform =>
    decoderOf(coding, first)
      .on('data', (chunk: Buffer) => plain.write(chunk))
      .on('drain', () => events.ready())
      .on('end', () => plain.end())
      .on('error', (error) => events.broken(error));
  return {
    write: (chunk) => {
      decoder ??= start(chunk);
      return decoder.write(chunk);
    },
    // Empty for every coding: servers send `content-encoding: gzip` with a content-length of 0.
    end: () => (decoder === null ? plain.end() : void decoder.end()),
    destroy: () => {
      decoder?.removeAllListeners().on('error', () => {});
      decoder?.destroy();
      plain.destroy();
    },
  };
};

/** Creates the reader of one body: at most `maxBytes` after decoding. */
export const decompressedBody = (coding: Coding, maxBytes: number, events: BodyEvents): Body =>
  coding === 'identity' ? new PlainBody(maxBytes, events) : codedBody(coding, maxBytes, events);
