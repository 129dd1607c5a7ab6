import { propertyOf } from '../../core/property.ts';
import type { Batch } from './batch.ts';

/** The loaders of a module, by name. */
// biome-ignore lint/suspicious/noExplicitAny: keys are contravariant; `any` is the only type that admits every loader.
export type LoaderMap = Readonly<Record<string, Batch<any, unknown>>>;

export type LoaderKey<B> = B extends Batch<infer Key, unknown> ? Key : never;
export type LoaderValue<B> = B extends Batch<never, infer Value> ? Value : never;

/** Marks a field without `map`: its value is the loader's. */
export type AsItIs = 'as it is';

/** A field that is loaded by key. It is data, not a function, so that one call serves all parents. */
export interface Loaded<Name extends string = string, Key = unknown, Result = unknown> {
  readonly loader: Name;
  readonly key: Key;
  readonly map: ((value: unknown, parent: unknown) => unknown) | undefined;
  /** Exists for the compiler only. */
  readonly result?: Result;
}

/** Loaders and parent at a call of `loaded`. Exists for the compiler only. */
export interface LoadedIn<Loaders, Parent> {
  readonly place?: (loaders: Loaders, parent: Parent) => void;
}

/** The compiler infers loaders and parent from the first branch, which is never taken. */
type Placed<Name extends string, Key, Result, Loaders, Parent> = [Name] extends [never]
  ? LoadedIn<Loaders, Parent>
  : Loaded<Name, Key, Result>;

type ValueOf<Loaders, Name> = Name extends keyof Loaders
  ? LoaderValue<Loaders[Name]>
  : // biome-ignore lint/suspicious/noExplicitAny: the loader is not known, which is an error of its own or no matter
    any;

/**
 * Declares a field as "load by this key, then map": `inStock: loaded('stockById', 'id', (stock) => (stock?.available ??
 * 0) > 0)`.
 *
 * `key` names the parent's field with the key, or several fields that form an object key, or computes the key. If a
 * parent's key is null, the field is null and `map` is not called. If the loader finds nothing, `map` receives null.
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
 * Never called. The compiler defers calls of a function with this overload until the surrounding types are inferred;
 * without it, the loaders are unknown when `map` is typed.
 */
export function loaded<Never>(never: never): () => Never;
export function loaded(loader: string, key?: unknown, map?: (value: never, parent: never) => unknown): unknown {
  return { loader, key, map };
}

export const isLoaded = (resolver: unknown): resolver is Loaded =>
  typeof resolver === 'object' && resolver !== null && 'loader' in resolver && 'key' in resolver;

const read = (parent: unknown, field: string): unknown => propertyOf(Object(parent), field);

/** The properties of a parent that the `key` of `loaded` names; none if it is a function. */
export const keyNames = (source: unknown): readonly string[] => {
  if (typeof source === 'string') return [source];
  return Array.isArray(source) ? source : [];
};

/** Compiles the `key` of `loaded` into a function that reads a parent's key; null if the parent has none. */
export const keyFrom = (source: unknown): ((parent: unknown) => unknown) => {
  if (typeof source === 'string') return (parent) => read(parent, source);
  if (typeof source === 'function') return (parent) => source(parent);
  const fields = keyNames(source);
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
