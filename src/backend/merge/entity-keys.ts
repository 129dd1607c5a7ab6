import type { CacheOptions } from '../define/batch.ts';
import type { KeyShape, MergeShape } from '../define/schema-types.ts';

/** One key of an entity in a module. */
export interface EntityKey {
  /** Names of its fields; none for a namespace. */
  readonly fields: readonly string[];
  /** The loader of entities by this key; undefined if the key is enough. */
  readonly load: string | undefined;
  /** The `cache` that the merge declares for the loader. */
  readonly cache: CacheOptions | undefined;
}

const declaredKeys = (merge: MergeShape): readonly KeyShape[] => ('keys' in merge ? merge.keys : [merge]);

const fieldsOf = ({ key }: KeyShape): readonly string[] => (typeof key === 'string' ? [key] : key);

/** The keys of a type in a module, in the order of preference. */
export const entityKeys = (merge: MergeShape): readonly EntityKey[] =>
  declaredKeys(merge).map((declared) => ({
    fields: fieldsOf(declared),
    load: declared.load,
    cache: declared.cache,
  }));

/** The fields of all keys of a type in a module, each once. */
export const keyFields = (merge: MergeShape): readonly string[] => [...new Set(declaredKeys(merge).flatMap(fieldsOf))];

/** The key for a loader: the value of the only key field, or an object of all key fields. */
export const loaderKey = ({ fields }: EntityKey, values: Readonly<Record<string, unknown>>): unknown => {
  const [single] = fields;
  if (fields.length === 1 && single !== undefined) return values[single];
  return Object.fromEntries(fields.map((field) => [field, values[field]]));
};
