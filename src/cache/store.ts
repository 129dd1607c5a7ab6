/** A value to be kept. */
export interface CacheEntry {
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  /** How long it may be served, give or take a tenth, so that what was stored together does not expire together. */
  readonly ttlMs: number;
}

/**
 * Where answers are kept for a while. It may lose anything at any time: a store that fails, hangs or is not there answers
 * as an empty one would, and nobody waits for it longer than a moment.
 */
export interface CacheStore {
  /** One round trip. A value for each key, in the order of the keys; undefined for what is not there. Never rejects. */
  getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** One round trip. Entries that are too large are left out. Never rejects, and promises nothing. */
  setMany(entries: readonly CacheEntry[]): Promise<void>;
  /** `degraded` while the store cannot be asked. */
  readonly state: 'ok' | 'degraded';
  /** Lets go of what the store holds open. What comes later is a miss. */
  close(): Promise<void>;
}
