import { createHash } from 'node:crypto';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { PLAIN, type ValueForm } from './sealed.ts';
import type { CacheEntry, CacheStore } from './store.ts';

/** Longer values are not stored: one of them is no reason to drop a thousand others, or to hold up a shared connection. */
export const MAX_VALUE_BYTES = 1_048_576;
/** Of all values in one write. */
const MAX_WRITE_BYTES = 4 * MAX_VALUE_BYTES;
const LONGEST_KEY = 200;
const JITTER = 0.1;

/** Runs one call of the store. Rejects where the store could not be asked, or not in time. */
export type Guard = <Value>(run: () => Promise<Value>) => Promise<Value>;

export interface KeyvStoreOptions {
  readonly adapter: KeyvStoreAdapter;
  /** In front of every key, where the adapter shares its place with others. */
  readonly namespace?: string | undefined;
  /** How values are written. Default: as they are. */
  readonly form?: ValueForm;
  readonly guard: Guard;
  readonly state: () => CacheStore['state'];
  readonly close: () => Promise<void>;
  /** From 0 to 1. Default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Two letters in front keep a key that looks like a hash from ever being one. */
const shortened = (key: string): string =>
  key.length <= LONGEST_KEY ? `k:${key}` : `h:${createHash('sha256').update(key).digest('base64url')}`;

/** Entries that are worth writing, of one write together no more than is good for it. */
const writable = (entries: readonly CacheEntry[]): readonly CacheEntry[] => {
  let total = 0;
  return entries.filter(({ value, ttlMs }) => {
    const bytes = Buffer.byteLength(value);
    if (!(ttlMs > 0) || bytes > MAX_VALUE_BYTES || total + bytes > MAX_WRITE_BYTES) return false;
    total += bytes;
    return true;
  });
};

/** The cache port over an adapter of keyv. How long a value lives is the adapter's to keep; keyv's wrapping is left out. */
export const keyvStore = (options: KeyvStoreOptions): CacheStore => {
  const { adapter, namespace, form = PLAIN, guard, state, close, random = Math.random } = options;
  const keyv = new Keyv<string>(adapter, {
    // Handed on to the adapter, which writes it once; with keyv's own prefix it would be there twice.
    ...(namespace === undefined ? {} : { namespace }),
    useKeyPrefix: false,
    throwOnErrors: true,
    // What is kept is the text itself: an envelope would have every text escaped and parsed a second time.
    serialize: ({ value }) => String(value),
    deserialize: <Value>(text: string) => ({ value: text as Value }), // getMany asks for strings only
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
