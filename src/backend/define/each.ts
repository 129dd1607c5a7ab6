import { GatewayError, UpstreamError } from '../../core/errors.ts';
import type { Batch, CacheOptions, ScalarKey } from './batch.ts';

/** Calls in parallel, if `concurrency` is not set: few, because the backend has been built for single calls. */
export const DEFAULT_CONCURRENCY = 4;

export interface EachOptions<Key> {
  /** Maximum number of keys of one batch that are loaded in parallel, at least 1. Default 4. */
  readonly concurrency?: number;
  /** Returns the scalar that identifies a key. Required for a key that is an object. */
  readonly key?: (key: Key) => ScalarKey;
  /** As for `batch`. */
  readonly cache?: CacheOptions;
}

/** The options of `each`, which an object key needs for `key`. */
type OptionsFor<Key> = [Key] extends [ScalarKey]
  ? [options?: EachOptions<Key>]
  : [options: EachOptions<Key> & { readonly key: (key: Key) => ScalarKey }];

const itself = (key: unknown): ScalarKey => key as ScalarKey; // `OptionsFor` requires `key` for other keys

const isNotFound = (error: unknown): boolean =>
  error instanceof GatewayError &&
  error.code === 'NOT_FOUND' &&
  !(error instanceof UpstreamError && error.failure !== null);

const failure = (error: unknown): Error =>
  error instanceof Error ? error : new Error('The loader failed.', { cause: error });

/**
 * Loads keys with one call for each of them, for a backend without a bulk call: `each((id: string) =>
 * users.get('/users/{id}', { path: { id }, response: User }))`.
 *
 * As with `batch`, a request loads each key once. A call that fails costs its own key only; a call that is NOT_FOUND
 * makes its key null. N keys cost N calls: prefer `batch` if the backend has a bulk call. Without `concurrency` the
 * gateway warns of that at its start; plans show it in any case.
 *
 * @throws RangeError for a `concurrency` below 1 or with a fraction
 */
export const each = <Key, Value>(
  load: (key: Key) => Promise<Value>,
  ...[options]: OptionsFor<Key>
): Batch<Key, Exclude<Value, undefined> | null> => {
  const { key: keyOf = itself, cache, concurrency }: EachOptions<Key> = options ?? {};
  const limit = concurrency ?? DEFAULT_CONCURRENCY;
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`each: concurrency must be a whole number of at least 1, not ${limit}.`);

  const loadOne = async (key: Key): Promise<unknown> => {
    try {
      return (await load(key)) ?? null;
    } catch (error) {
      return isNotFound(error) ? null : failure(error);
    }
  };

  const loadAll = async (keys: readonly Key[]): Promise<ReadonlyMap<unknown, unknown>> => {
    const found = new Map<unknown, unknown>();
    const waiting = keys.values();
    const loadInTurn = async (): Promise<void> => {
      for (const key of waiting) found.set(keyOf(key), await loadOne(key));
    };
    await Promise.all(Array.from({ length: Math.min(limit, keys.length) }, loadInTurn));
    return found;
  };

  return {
    load: loadAll,
    keyOf,
    maxSize: Number.POSITIVE_INFINITY,
    cache: cache ?? null,
    callsPerKey: { isExpected: concurrency !== undefined },
  };
};
