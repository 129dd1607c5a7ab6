import DataLoader from 'dataloader';
import type { Batch, Found } from './batch.ts';
import { UrlTooLongError } from './rest-client.ts';
import type { Loader } from './schema-types.ts';

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
    const halves = await Promise.all([load(batch, first), load(batch, keys.slice(middle))]);
    const inFirst = new Set(first.map(batch.keyOf));
    return (key) => (inFirst.has(batch.keyOf(key)) ? halves[0](key) : halves[1](key));
  }
};

/** A DataLoader of its own for each request: keys of one wave share a call, and no other request shares the loader. */
export const bindLoader = <Key>(batch: Batch<Key, unknown>): Loader<Key, unknown> => {
  const loader: DataLoader<Key, unknown, unknown> = new DataLoader(
    async (keys: readonly Key[]) => {
      try {
        const found = await load(batch, keys);
        return keys.map(found);
      } catch (error) {
        // A failure is not remembered: a later wave of the same request may find the backend well again.
        for (const key of keys) loader.clear(key);
        throw error;
      }
    },
    { maxBatchSize: batch.maxSize, cacheKeyFn: batch.keyOf },
  );
  return {
    load: (key) => loader.load(key),
    loadMany: (keys) => loader.loadMany(keys),
  };
};
