import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { lruBytes } from '../../cache/lru.ts';

/** Bytes of heap for one token of a document, with its share of the AST. Measured. */
const BYTES_PER_TOKEN = 365;

const bytesOf = ({ loc }: DocumentNode): number => {
  let tokens = 1;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) tokens += 1;
  return tokens * BYTES_PER_TOKEN;
};

/** Adapts an LRU cache to Apollo's asynchronous interface. */
const asynchronous = <Value extends object | string>(cache: LRUCache<string, Value>) => ({
  get: async (key: string): Promise<Value | undefined> => cache.get(key),
  set: async (key: string, value: Value): Promise<void> => void cache.set(key, value),
  delete: async (key: string): Promise<boolean> => cache.delete(key),
});

/**
 * Creates the cache of parsed and validated documents by hash, limited in bytes of heap. The least recently used are
 * evicted first.
 *
 * Apollo's own cache counts the characters of a document as JSON, a quarter of its heap.
 */
export const documentCache = (maxBytes: number) =>
  asynchronous(new LRUCache<string, DocumentNode>({ maxSize: maxBytes, sizeCalculation: bytesOf }));

/** Creates the cache of texts of persisted queries, limited in bytes. The least recently used are evicted first. */
export const persistedQueryCache = (maxBytes: number) =>
  asynchronous(
    new LRUCache<string, string>({ maxSize: maxBytes, sizeCalculation: (text, key) => lruBytes(key, text) }),
  );
