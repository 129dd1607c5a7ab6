import DataLoader from 'dataloader';
import type { Batch } from '../define/batch.ts';
import type { Loader } from '../define/schema-types.ts';
import type { InputValues } from '../remote/service-arguments.ts';
import type { ServiceSelection } from '../remote/service-selection.ts';
import type { Entities } from './entity-cache.ts';
import { BatchScheduler, KeyLoader, loaderError } from './key-loader.ts';

/** Makes the key loader of one selection. `variables` may throw: then every key fails. */
export type SelectKeys<Key> = (selection: ServiceSelection, variables: () => InputValues) => KeyLoader<Key>;

/**
 * A loader of one request: keys of one tick share a call. Resolvers use `load`, the executor uses `keys`; both share
 * batches.
 */
export class BoundLoader<Key> implements Loader<Key, unknown> {
  /** Keys of a loader that needs no selection. */
  readonly keys: KeyLoader<Key>;
  /** The GraphQL upstream that the rows come from; null for other loaders. */
  readonly upstream: string | null;
  readonly #select: SelectKeys<Key> | null;
  /** Key loaders by the text of their selection. */
  #selected: Map<string, KeyLoader<Key>> | null = null;
  readonly #batch: Batch<Key, unknown>;
  readonly #scheduler: BatchScheduler;
  /** Null until the first `load`: a plan uses `keys`. */
  #loader: DataLoader<Key, unknown, unknown> | null = null;

  constructor(
    batch: Batch<Key, unknown>,
    entities: Entities | null = null,
    scheduler = new BatchScheduler(),
    select: SelectKeys<Key> | null = null,
  ) {
    this.#select = select;
    this.upstream = batch.remote?.upstream ?? null;
    this.keys = new KeyLoader(batch, entities, scheduler);
    this.#batch = batch;
    this.#scheduler = scheduler;
  }

  /** Keys of rows with the fields of a selection. Its text identifies it: variables are those of one operation. */
  keysFor(selection: ServiceSelection, variables: () => InputValues): KeyLoader<Key> {
    if (this.#select === null) return this.keys;
    this.#selected ??= new Map();
    const keys = this.#selected.get(selection.text) ?? this.#select(selection, variables);
    this.#selected.set(selection.text, keys);
    return keys;
  }

  readonly load = async (key: Key): Promise<unknown> => {
    this.#loader ??= new DataLoader((keys: readonly Key[]) => this.#find(keys), {
      cacheKeyFn: this.#batch.keyOf,
      batchScheduleFn: (dispatch) => this.#scheduler.schedule(dispatch),
    });
    return this.#loader.load(key);
  };

  readonly loadMany = (keys: readonly Key[]): Promise<unknown[]> =>
    Promise.all(keys.map((key) => this.load(key).catch(loaderError)));

  #find(keys: readonly Key[]): Promise<readonly unknown[]> {
    const requested = keys.map((key) => this.keys.request(key));
    return new Promise((resolve) =>
      this.keys.whenLoaded(requested, () => {
        for (const { key, value } of requested) if (value instanceof Error) this.#loader?.clear(key);
        resolve(requested.map(({ value }) => value));
      }),
    );
  }
}
