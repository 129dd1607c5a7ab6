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

/** Text of one value of a key. A service may format numbers as text. A scalar may have objects as internal values. */
const valueText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** Text of the values of a key. */
export const keyText = (values: readonly unknown[]): string =>
  values.length === 1 ? valueText(values[0]) : JSON.stringify(values.map(valueText));

/** The values of a key: itself, or those of a composite key in the order of `merge`. */
export const keyValues = (key: unknown, { length }: readonly string[]): readonly unknown[] =>
  length === 1 ? [key] : Object.values(Object(key));

/** The scalar of a key: itself, or the text of an object. */
const scalarOf = (key: unknown, names: readonly string[]): ScalarKey =>
  typeof key === 'object' && key !== null ? keyText(keyValues(key, names)) : (key as ScalarKey); // a key that is no object is a scalar

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
): Batch<any, any> => {
  const keys = typeof key === 'string' ? [key] : key;
  return {
    load: () =>
      Promise.reject(
        new Error(`A loader of the GraphQL upstream "${upstream}" needs a selection: use it in merge or loaded.`),
      ),
    keyOf: (one) => scalarOf(one, keys),
    maxSize: maxSize ?? Number.POSITIVE_INFINITY,
    cache: cache ?? null,
    remote: {
      upstream,
      by:
        'entities' in by
          ? { is: 'entities', type: by.entities }
          : { is: 'field', field: by.field, argument: by.argument },
      keys,
      maxSize: maxSize ?? null,
    },
  };
};
