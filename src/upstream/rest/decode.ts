import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';

/** How a body may be coded for its way (RFC 9110, 8.4.1; RFC 7932; RFC 8878). */
export type Coding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd';

/** What is asked for where compressed answers are wanted. */
export const ACCEPTED_CODINGS = 'gzip, br, zstd';

/** The coding that a `content-encoding` names; null for one that is not known, and for several on top of each other. */
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

/** Puts the chunks of one body together. */
export interface Body {
  /** False where no more should come until `ready` was called. */
  write(chunk: Buffer): boolean;
  /** No more will come: `done` is called once with the whole body, unless it turns out to be broken. */
  end(): void;
  /** Lets go of whatever is held. Nothing is called any more. */
  destroy(): void;
}

export interface BodyEvents {
  /** More may be written. */
  ready(): void;
  done(whole: Buffer): void;
  /** It has grown larger than allowed. */
  tooLarge(): void;
  /** It is not what its coding says. */
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
      // It means the zlib format, and many servers have always sent the bare one (RFC 9110, 8.4.1.2).
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
  /** All chunks, where there is more than one. */
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

/** Decodes as it comes, so that no more than the limit is ever held, however far the rest would grow. */
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
    // No byte at all is an empty body in every coding: servers say `gzip` beside a length of 0.
    end: () => (decoder === null ? plain.end() : void decoder.end()),
    destroy: () => {
      decoder?.removeAllListeners().on('error', () => {});
      decoder?.destroy();
      plain.destroy();
    },
  };
};

/** A body of at most `maxBytes` as it is read, whatever it was on its way. */
export const bodyOf = (coding: Coding, maxBytes: number, events: BodyEvents): Body =>
  coding === 'identity' ? new PlainBody(maxBytes, events) : codedBody(coding, maxBytes, events);
