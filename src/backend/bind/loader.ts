import DataLoader from 'dataloader';
import type { Batch } from '../define/batch.ts';
import type { Loader } from '../define/schema-types.ts';
import type { Entities } from './entity-cache.ts';
import { BatchScheduler, KeyLoader, loaderError } from './key-loader.ts';

/**
 * A loader of one request: keys of one tick share a call. Resolvers use `load`, the executor uses `keys`; both share
 * batches.
 */
export class BoundLoader<Key> implements Loader<Key, unknown> {
  readonly keys: KeyLoader<Key>;
  readonly #loader: DataLoader<Key, unknown, unknown>;

  constructor(batch: Batch<Key, unknown>, entities: Entities | null = null, scheduler = new BatchScheduler()) {
    this.keys = new KeyLoader(batch, entities, scheduler);
    this.#loader = new DataLoader((keys: readonly Key[]) => this.#find(keys), {
      cacheKeyFn: batch.keyOf,
      batchScheduleFn: (dispatch) => scheduler.schedule(dispatch),
    });
  }

  readonly load = async (key: Key): Promise<unknown> => this.#loader.load(key);

  readonly loadMany = (keys: readonly Key[]): Promise<unknown[]> =>
    Promise.all(keys.map((key) => this.load(key).catch(loaderError)));

  #find(keys: readonly Key[]): Promise<readonly unknown[]> {
    const requested = keys.map((key) => this.keys.request(key));
    return new Promise((resolve) =>
      this.keys.whenLoaded(requested, () => {
        for (const { key, value } of requested) if (value instanceof Error) this.#loader.clear(key);
        resolve(requested.map(({ value }) => value));
      }),
    );
  }
}
