import { createHash } from 'node:crypto';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { PLAIN, type ValueForm } from './sealed.ts';
import type { CacheEntry, CacheStore } from './store.ts';

/** Longer values are not stored: one of them could displace a thousand others, or block a shared connection. */
const MAX_VALUE_BYTES = 1_048_576;
/** Limit of all values in one write. */
const MAX_WRITE_BYTES = 4 * MAX_VALUE_BYTES;
const MAX_KEY_LENGTH = 200;
const JITTER = 0.1;

/** Runs one call of the store. Rejects if the store is unreachable or exceeds the time limit. */
export type StoreGuard = <Value>(run: () => Promise<Value>) => Promise<Value>;

export interface KeyvStoreOptions {
  readonly adapter: KeyvStoreAdapter;
  /** Prefix of every key, for an adapter with a shared keyspace. */
  readonly namespace?: string | undefined;
  /** Encoding of values. Default: plain. */
  readonly form?: ValueForm;
  readonly guard: StoreGuard;
  readonly state: () => CacheStore['state'];
  readonly close: () => Promise<void>;
  /** Returns a number from 0 to 1. Default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Returns the key for the store; long keys are hashed. The prefixes keep both kinds apart. */
const shortened = (key: string): string =>
  key.length <= MAX_KEY_LENGTH ? `k:${key}` : `h:${createHash('sha256').update(key).digest('base64url')}`;

/** Returns the entries that fit into one write. */
const writable = (entries: readonly CacheEntry[]): readonly CacheEntry[] => {
  let total = 0;
  return entries.filter(({ value, ttlMs }) => {
    const bytes = Buffer.byteLength(value);
    if (!(ttlMs > 0) || bytes > MAX_VALUE_BYTES || total + bytes > MAX_WRITE_BYTES) return false;
    total += bytes;
    return true;
  });
};

/**
 * Implements the cache port with an adapter of keyv. The adapter enforces expiry; keyv's value envelope is not used.
 */
export const keyvStore = (options: KeyvStoreOptions): CacheStore => {
  const { adapter, namespace, form = PLAIN, guard, state, close, random = Math.random } = options;
  const keyv = new Keyv<string>(adapter, {
    // The adapter adds the namespace; keyv's own prefix would repeat it.
    ...(namespace === undefined ? {} : { namespace }),
    useKeyPrefix: false,
    throwOnErrors: true,
    // Stores the text itself: keyv's envelope would be escaped and parsed a second time.
    serialize: ({ value }) => String(value),
    deserialize: <Value>(text: string) => ({ value: text as Value }), // getMany requests strings only
  });
  let closed = false;

  const spread = (ttlMs: number) => Math.max(1, Math.round(ttlMs * (1 - JITTER + 2 * JITTER * random())));
  const attempt = async <Value>(otherwise: Value, run: () => Promise<Value>): Promise<Value> => {
    if (closed) return otherwise;
    try {
      return await guard(run);
    } catch {
      return otherwise;
    }
  };

  return {
    getMany: async (keys) => {
      if (keys.length === 0) return [];
      const nothing: readonly (string | undefined)[] = keys.map(() => undefined);
      const texts = await attempt(nothing, () => keyv.getMany<string>(keys.map(shortened)));
      return keys.map((key, at) => {
        const text = texts[at];
        return typeof text === 'string' ? form.read(key, text) : undefined;
      });
    },
    setMany: async (entries) => {
      const all = writable(entries).map(({ key, value, ttlMs }) => ({
        key: shortened(key),
        value: form.written(key, value),
        ttl: spread(ttlMs),
      }));
      if (all.length > 0) await attempt<unknown>(undefined, () => keyv.setMany(all));
    },
    get state() {
      return state();
    },
    close: async () => {
      closed = true;
      await close();
    },
  };
};
