import { hash } from 'node:crypto';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { lruBytes } from '../../cache/lru.ts';

/** Bytes of heap for one token of a document, with its share of the AST. Measured. */
const BYTES_PER_TOKEN = 365;

const bytesOf = ({ document: { loc } }: ValidDocument): number => {
  let tokens = 1;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) tokens += 1;
  return tokens * BYTES_PER_TOKEN;
};

/** A parsed and validated document, with the operations that were resolved in it by the name that the client sent. */
interface ValidDocument {
  readonly document: DocumentNode;
  readonly resolved: Map<string | null, OperationDefinitionNode>;
}

/** An operation that Apollo Server has resolved, in its document. */
export interface ResolvedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

const textOf = ({ loc }: DocumentNode): string | null => loc?.source.body ?? null;

/** Apollo's key has a prefix for the schema, of which a server has one. */
const hashIn = (key: string): string => key.slice(key.lastIndexOf(':') + 1);

/**
 * The cache of parsed and validated documents by the SHA-256 of their text, limited in bytes of heap. The least recently
 * used are evicted first, with the operations that were resolved in them.
 *
 * Apollo's own cache counts the characters of a document as JSON, a quarter of its heap.
 */
export class DocumentCache {
  readonly #documents: LRUCache<string, ValidDocument>;
  /** Hashes of the texts of the documents above. A document refers to its text, so that the keys take no further heap. */
  // perf: P18
  readonly #hashes = new Map<string | null, string>();

  constructor(maxBytes: number) {
    this.#documents = new LRUCache<string, ValidDocument>({
      maxSize: maxBytes,
      sizeCalculation: bytesOf,
      dispose: ({ document }) => this.#hashes.delete(textOf(document)),
    });
  }

  /** Returns the SHA-256 of a text, in hex. It is not computed for the text of a document of the cache. */
  hashOf(text: string): string {
    return this.#hashes.get(text) ?? hash('sha256', text);
  }

  // Apollo's interface, which is asynchronous.

  async get(key: string): Promise<DocumentNode | undefined> {
    return this.#documents.get(hashIn(key))?.document;
  }

  async set(key: string, document: DocumentNode): Promise<void> {
    const hashed = hashIn(key);
    this.#documents.set(hashed, { document, resolved: new Map() });
    // One that is larger than the cache is not kept.
    if (this.#documents.has(hashed)) this.#hashes.set(textOf(document), hashed);
  }

  async delete(key: string): Promise<boolean> {
    return this.#documents.delete(hashIn(key));
  }

  /** Keeps an operation that Apollo resolved in a document of the cache; `name` is null if none was sent. */
  keep(hash: string, name: string | null, { document, operation }: ResolvedOperation): void {
    const known = this.#documents.peek(hash);
    // Two requests may have parsed the same text.
    if (known?.document === document) known.resolved.set(name, operation);
  }

  /** Returns the operation that Apollo resolved for this hash and name before; null for none. */
  find(hash: string, name: string | null): ResolvedOperation | null {
    const found = this.#documents.get(hash);
    const operation = found?.resolved.get(name);
    return found === undefined || operation === undefined ? null : { document: found.document, operation };
  }
}

/** Prefix of the keys of persisted queries, set by Apollo Server. */
const PERSISTED = 'apq:';

/** The cache of texts of persisted queries, limited in bytes. The least recently used are evicted first. */
export class PersistedQueryCache {
  readonly #texts: LRUCache<string, string>;

  constructor(maxBytes: number) {
    this.#texts = new LRUCache<string, string>({
      maxSize: maxBytes,
      sizeCalculation: (text, key) => lruBytes(key, text),
    });
  }

  async get(key: string): Promise<string | undefined> {
    return this.#texts.get(key);
  }

  async set(key: string, text: string): Promise<void> {
    this.#texts.set(key, text);
  }

  async delete(key: string): Promise<boolean> {
    return this.#texts.delete(key);
  }

  /** Registers the text of a hash. */
  register(hash: string, text: string): void {
    this.#texts.set(PERSISTED + hash, text);
  }

  /** True if the text of this hash was registered. */
  has(hash: string): boolean {
    return this.#texts.get(PERSISTED + hash) !== undefined;
  }
}
