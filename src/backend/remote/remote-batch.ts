import type { Batch, CacheOptions, ScalarKey } from '../define/batch.ts';

interface KeyOptions {
  /**
   * Name in the service of the field with the key, or of the fields with a composite key in the order of `merge`. Default
   * `id`.
   */
  readonly key?: string | readonly string[];
  /** As for `batch`: the selection and its arguments are part of the cache key. */
  readonly cache?: CacheOptions;
}

interface FieldOptions extends KeyOptions {
  /** Root field of `Query` in the service: a list of rows, or one row. */
  readonly field: string;
  /** Argument of the field that takes the keys, or the key. */
  readonly argument: string;
  /**
   * Maximum number of keys in one operation. Default no limit for a field with a list, 50 for a field with one row, which
   * is requested once for each key, with aliases.
   */
  readonly maxSize?: number;
}

interface EntityOptions extends KeyOptions {
  /** Name in the service of an entity that `_entities` of Apollo Federation returns. */
  readonly entities: string;
  /** Maximum number of keys in one operation. Default no limit. */
  readonly maxSize?: number;
}

export type RemoteBatchOptions = FieldOptions | EntityOptions;

/** The scalar of a key: itself, or the values of a composite key as text. */
const scalarOf = (key: unknown): ScalarKey =>
  typeof key === 'object' && key !== null ? keyText(Object.values(key)) : (key as ScalarKey); // a key that is no object is a scalar

/** Text of the values of a composite key. A service may format numbers as text. */
export const keyText = (values: readonly unknown[]): string => JSON.stringify(values.map(String));

/**
 * Loads rows of a GraphQL upstream by key, each with exactly the selected fields: `remoteBatch('reviews', { field:
 * 'productsByIds', argument: 'ids' })`. Use it in `merge`, or in `loaded` without a function.
 *
 * Rows are matched by their key, so that their order does not matter. A field with one row instead of a list is requested
 * once for each key, in one operation. `{ entities: 'Product' }` loads an entity of a federated subgraph.
 */
export const remoteBatch = (
  upstream: string,
  { key = 'id', cache, maxSize, ...by }: RemoteBatchOptions,
  // biome-ignore lint/suspicious/noExplicitAny: keys and rows have the types of the module's SDL
): Batch<any, any> => ({
  load: () =>
    Promise.reject(
      new Error(`A loader of the GraphQL upstream "${upstream}" needs a selection: use it in merge or loaded.`),
    ),
  keyOf: scalarOf,
  maxSize: maxSize ?? Number.POSITIVE_INFINITY,
  cache: cache ?? null,
  remote: {
    upstream,
    by:
      'entities' in by
        ? { is: 'entities', type: by.entities }
        : { is: 'field', field: by.field, argument: by.argument },
    keys: typeof key === 'string' ? [key] : key,
    maxSize: maxSize ?? null,
  },
});
