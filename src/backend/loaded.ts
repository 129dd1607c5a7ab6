import type { Batch } from './batch.ts';
import { propertyOf } from './property.ts';

/** The loaders of a module, by name. */
// biome-ignore lint/suspicious/noExplicitAny: keys are contravariant; `any` is the only type that admits every loader.
export type LoaderMap = Readonly<Record<string, Batch<any, unknown>>>;

export type LoaderKey<B> = B extends Batch<infer Key, unknown> ? Key : never;
export type LoaderValue<B> = B extends Batch<never, infer Value> ? Value : never;

/** Marks a field that hands out what the loader gives, as it is. */
export type AsItIs = 'as it is';

/** A field that is fetched by key: data, not a function, so that all parents can be served with one call. */
export interface Loaded<Name extends string = string, Key = unknown, Result = unknown> {
  readonly loader: Name;
  readonly key: Key;
  readonly map: ((value: unknown, parent: unknown) => unknown) | undefined;
  /** Exists for the compiler only. */
  readonly result?: Result;
}

/** Loaders and parent of the place where `loaded` is called. Exists for the compiler only. */
export interface LoadedIn<Loaders, Parent> {
  readonly place?: (loaders: Loaders, parent: Parent) => void;
}

/** The branch that is never taken is what the compiler infers the place from. */
type Placed<Name extends string, Key, Result, Loaders, Parent> = [Name] extends [never]
  ? LoadedIn<Loaders, Parent>
  : Loaded<Name, Key, Result>;

type ValueOf<Loaders, Name> = Name extends keyof Loaders
  ? LoaderValue<Loaders[Name]>
  : // biome-ignore lint/suspicious/noExplicitAny: the loader is not known, which is an error of its own or no matter
    any;

/**
 * Declares a field as "load by this key, then map": `inStock: loaded('stockById', 'id', (stock) => (stock?.available ?? 0) > 0)`.
 *
 * `key` names the parent's field that holds the key, or several that together make an object key, or computes it. A
 * parent whose key is null gets null, and `map` is not called. Where the loader finds nothing, `map` gets null.
 */
export function loaded<
  const Name extends string,
  const Key extends string | readonly string[] | ((parent: Parent) => unknown),
  Result = AsItIs,
  Loaders = unknown,
  Parent = unknown,
>(
  loader: Name,
  key: Key,
  map?: (value: ValueOf<Loaders, Name>, parent: Parent) => Result,
): Placed<Name, Key, Result, Loaders, Parent>;
/**
 * Never called. The compiler puts off calls of what may be a generic function that returns a function until the types
 * around them are inferred; without that, the loaders are not known when `map` is typed.
 */
export function loaded<Never>(never: never): () => Never;
export function loaded(loader: string, key?: unknown, map?: (value: never, parent: never) => unknown): unknown {
  return { loader, key, map };
}

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
