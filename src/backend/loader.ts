import DataLoader from 'dataloader';
import { GatewayError } from '../errors.ts';
import type { Batch, Found, ScalarKey } from './batch.ts';
import type { Entities } from './entity-cache.ts';
import { UrlTooLongError } from './rest-client.ts';
import type { Loader } from './schema-types.ts';

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('The loader failed.', { cause: error });

/** Each key's share of a failed call. */
const failing = (error: unknown) => () => asError(error);

/** Loads keys in one call, or in two halves where one address cannot hold them, and so on down to single keys. */
const load = async <Key>(batch: Batch<Key, unknown>, keys: readonly Key[]): Promise<(key: Key) => unknown> => {
  try {
    const found: Found<unknown, unknown> = await batch.load(keys);
    return (key) => found.get(batch.keyOf(key)) ?? null;
  } catch (error) {
    if (!(error instanceof UrlTooLongError)) throw error;
    if (keys.length < 2) return () => error; // the fault of this key alone, whoever it shared a wave with
    const middle = Math.ceil(keys.length / 2);
    const first = keys.slice(0, middle);
    const halves = await Promise.all([first, keys.slice(middle)].map((half) => load(batch, half).catch(failing)));
    const inFirst = new Set(first.map(batch.keyOf));
    return (key) => halves[inFirst.has(batch.keyOf(key)) ? 0 : 1]?.(key);
  }
};

const inChunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] => {
  if (items.length <= size) return items.length === 0 ? [] : [items];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
};

/** What became of each key. A failed call gives its error to its own keys, and `onFailure` hears of each. */
const loadAll = async <Key>(
  batch: Batch<Key, unknown>,
  keys: readonly Key[],
  onFailure: (key: Key) => void,
): Promise<ReadonlyMap<ScalarKey, unknown>> => {
  const outcomes = new Map<ScalarKey, unknown>();
  const loadChunk = async (chunk: readonly Key[]) => {
    try {
      const found = await load(batch, chunk);
      for (const key of chunk) outcomes.set(batch.keyOf(key), found(key));
    } catch (error) {
      const failure = asError(error);
      for (const key of chunk) {
        outcomes.set(batch.keyOf(key), failure);
        onFailure(key);
      }
    }
  };
  await Promise.all(inChunks(keys, batch.maxSize).map(loadChunk));
  return outcomes;
};

/**
 * A DataLoader of its own for each request: keys of one wave share a call, and no other request shares the loader.
 *
 * With `entities` a wave first asks for what was found before, all keys at once, and loads only the rest.
 */
export const bindLoader = <Key>(batch: Batch<Key, unknown>, entities: Entities | null = null): Loader<Key, unknown> => {
  // A failure is not remembered: a later wave of the same request may find the backend well again.
  const forget = (key: Key) => void loader.clear(key);
  const loader: DataLoader<Key, unknown, unknown> = new DataLoader(
    async (keys: readonly Key[]) => {
      const known = entities === null ? [] : await entities.read(keys.map(batch.keyOf));
      const missing = keys.filter((_, at) => known[at] === undefined);
      const loaded = await loadAll(batch, missing, forget);
      const fresh = entities === null || loaded.size === 0 ? loaded : entities.write(loaded);
      return keys.map((key, at) => {
        const before = known[at];
        return before === undefined ? fresh.get(batch.keyOf(key)) : before.value;
      });
    },
    { cacheKeyFn: batch.keyOf },
  );
  const loadOne = (key: Key): Promise<unknown> => {
    const scalar = batch.keyOf(key);
    // A lone surrogate cannot be sent, and would fail every key that it shares a call with.
    if (typeof scalar === 'string' && !scalar.isWellFormed())
      return Promise.reject(new GatewayError('BAD_USER_INPUT', 'A key is not well-formed text.'));
    return loader.load(key);
  };
  return {
    load: loadOne,
    loadMany: (keys) => Promise.all(keys.map((key) => loadOne(key).catch(asError))),
  };
};
