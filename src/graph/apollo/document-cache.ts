import type { DocumentNode } from 'graphql';

/** Bytes of heap for one token of a document, with its share of the AST. Measured. */
const BYTES_PER_TOKEN = 365;

interface Kept {
  readonly document: DocumentNode;
  readonly bytes: number;
}

const bytesOf = ({ loc }: DocumentNode): number => {
  let tokens = 1;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) tokens += 1;
  return tokens * BYTES_PER_TOKEN;
};

/**
 * Parsed and validated documents by hash, limited in bytes of heap. The least recently used are evicted first.
 *
 * Apollo's own cache counts the characters of a document as JSON, a quarter of its heap.
 */
export class DocumentCache {
  readonly #maxBytes: number;
  /** Ordered from the least to the most recently used. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  async get(key: string): Promise<DocumentNode | undefined> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept.document;
  }

  async set(key: string, document: DocumentNode): Promise<void> {
    await this.delete(key);
    const bytes = bytesOf(document);
    if (bytes > this.#maxBytes) return;
    this.#kept.set(key, { document, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      await this.delete(oldest);
    }
  }

  async delete(key: string): Promise<boolean> {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    return this.#kept.delete(key);
  }
}
