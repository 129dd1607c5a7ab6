/** A value to store. */
export interface CacheEntry {
  readonly key: string;
  /** JSON text. */
  readonly value: string;
  /**
   * Time to live in milliseconds. Stores vary it by up to 10 %, so that values stored together do not expire together.
   */
  readonly ttlMs: number;
}

/**
 * A cache of answers. It may lose any value at any time: a store that fails, hangs or is absent behaves like an empty
 * one, within a short timeout.
 */
export interface CacheStore {
  /** Reads in one round trip. Returns a value for each key, in order; undefined for a miss. Never rejects. */
  getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** Writes in one round trip, without a guarantee. Entries that are too large are skipped. Never rejects. */
  setMany(entries: readonly CacheEntry[]): Promise<void>;
  /** `degraded` while the store is unavailable. */
  readonly state: 'ok' | 'degraded';
  /** Releases the resources of the store. Later reads are misses. */
  close(): Promise<void>;
}
