import type { Batch } from './batch.ts';
import { propertyOf } from './property.ts';

/** The loaders of a module, by name. */
// biome-ignore lint/suspicious/noExplicitAny: keys are contravariant; `any` is the only type that admits every loader.
export type LoaderMap = Readonly<Record<string, Batch<any, unknown>>>;

export type LoaderKey<B> = B extends Batch<infer Key, unknown> ? Key : never;
export type LoaderValue<B> = B extends Batch<never, infer Value> ? Value : never;

/** Marks a field that hands out what the loader gives, as it is. */
type AsItIs = 'as it is';

/** A field that is fetched by key: data, not a function, so that all parents can be served with one call. */
export interface Loaded<Name extends string = string, Key = unknown, Result = unknown> {
  readonly loader: Name;
  readonly key: Key;
  readonly map: ((value: unknown, parent: unknown) => unknown) | undefined;
  /** For the compiler only. */
  readonly result?: Result;
}

// The value is `any` because a call inside an object literal is typed before the literal's other properties are
// (TypeScript does not come back to it), and what a loader gives is known only by then. All the rest is checked.
// biome-ignore lint/suspicious/noExplicitAny: what a loader gives is inferred only after this call is typed
type FromAny<Result> = (value: any, parent: any) => Result;

/**
 * Declares a field as "load by this key, then map": `inStock: loaded('stockById', 'id', (stock) => (stock?.available ?? 0) > 0)`.
 *
 * `key` names the parent's field that holds the key, or several that together make an object key, or computes it. A
 * parent whose key is null gets null, and `map` is not called. Where the loader finds nothing, `map` gets null.
 */
export function loaded<const Name extends string, const Key>(loader: Name, key: Key): Loaded<Name, Key, AsItIs>;
export function loaded<const Name extends string, const Key, Result>(
  loader: Name,
  key: Key,
  map: FromAny<Result>,
): Loaded<Name, Key, Result>;
export function loaded(loader: string, key: unknown, map?: FromAny<unknown>): Loaded {
  return { loader, key, map };
}

/** Names of the parent's fields that hold a key of this type. */
type FieldOfType<Parent, Key> = {
  [Field in keyof Parent & string]-?: NonNullable<Parent[Field]> extends Key ? Field : never;
}[keyof Parent & string];

/** Where a parent's key is found: in one field, in several that together make an object, or by a function. */
type KeySource<Parent, Key> =
  | FieldOfType<Parent, Key>
  | (Key extends object ? readonly (keyof Key & keyof Parent & string)[] : never)
  | ((parent: Parent) => Key | null | undefined);

/** Every right way to load a field of this parent and result with these loaders. */
export type LoadedField<Loaders, Parent, Result> = {
  [Name in keyof Loaders & string]: Loaded<
    Name,
    KeySource<Parent, LoaderKey<Loaders[Name]>>,
    | Result
    | (LoaderValue<Loaders[Name]> extends Result ? AsItIs : unknown extends LoaderValue<Loaders[Name]> ? AsItIs : never)
  >;
}[keyof Loaders & string];

export const isLoaded = (resolver: unknown): resolver is Loaded =>
  typeof resolver === 'object' && resolver !== null && 'loader' in resolver && 'key' in resolver;

const read = (parent: unknown, field: string): unknown => propertyOf(Object(parent), field);

/** Finds a parent's key where `loaded` says it is; null where it has none. */
export const keyFrom = (source: unknown): ((parent: unknown) => unknown) => {
  if (typeof source === 'string') return (parent) => read(parent, source);
  if (typeof source === 'function') return (parent) => source(parent);
  const fields: readonly string[] = Array.isArray(source) ? source : [];
  return (parent) => {
    const key: Record<string, unknown> = {};
    for (const field of fields) {
      const part = read(parent, field);
      if (part === null || part === undefined) return null;
      key[field] = part;
    }
    return key;
  };
};
