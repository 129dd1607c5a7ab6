import { GatewayError, UpstreamError } from '../../core/errors.ts';
import type { FullAnswer } from '../rest/rest-calls.ts';
import type { Batch, CacheOptions, Found, RevalidatedCache, ScalarKey } from './batch.ts';

/** Calls in parallel, if `concurrency` is not set: few, because the backend has been built for single calls. */
export const DEFAULT_CONCURRENCY = 4;

const ONE_DAY_MS = 86_400_000;

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

/** The value of a key after a failed call. */
const nullIfAbsent = (error: unknown): Error | null => {
  if (isNotFound(error)) return null;
  return error instanceof Error ? error : new Error('The loader failed.', { cause: error });
};

/** Loads keys in turn, at most `concurrency` at a time. `loadOne` must not reject. */
const inTurn = async <Key>(
  keys: readonly Key[],
  concurrency: number,
  loadOne: (key: Key) => Promise<void>,
): Promise<void> => {
  const waiting = keys.values();
  const loadNext = async (): Promise<void> => {
    for (const key of waiting) await loadOne(key);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, keys.length) }, loadNext));
};

/** @throws RangeError for a `concurrency` below 1 or with a fraction */
const batchOf = <Key>(
  { key: keyOf = itself, cache, concurrency }: EachOptions<Key> & { readonly cache?: RevalidatedCache },
  load: (
    keys: readonly Key[],
    concurrency: number,
    etags?: ReadonlyMap<ScalarKey, string>,
  ) => Promise<Found<unknown, unknown>>,
): Batch<Key, never> => {
  const limit = concurrency ?? DEFAULT_CONCURRENCY;
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`each: concurrency must be a whole number of at least 1, not ${limit}.`);
  return {
    load: (keys, etags) => load(keys, limit, etags),
    keyOf,
    maxSize: Number.POSITIVE_INFINITY,
    cache: cache ?? null,
    callsPerKey: { isExpected: concurrency !== undefined },
  };
};

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
  const settings: EachOptions<Key> = options ?? {};
  const { key: keyOf = itself } = settings;
  return batchOf(settings, async (keys, concurrency) => {
    const found = new Map<unknown, unknown>();
    await inTurn(keys, concurrency, async (key) => {
      try {
        found.set(keyOf(key), (await load(key)) ?? null);
      } catch (error) {
        found.set(keyOf(key), nullIfAbsent(error));
      }
    });
    return found;
  });
};

/** Headers of a call that revalidates a stale value; empty for a value that is not kept. */
// A type, because an interface has no index signature and would not be accepted as `headers`.
export type RevalidationHeaders = { readonly 'if-none-match'?: string };

/** Options of `eachRevalidated`. */
export interface EachRevalidatedOptions<Key> extends Pick<EachOptions<Key>, 'concurrency' | 'key'> {
  readonly cache: RevalidatedCache;
}

type LoadRevalidated<Key, Value> = (key: Key, headers: RevalidationHeaders) => Promise<FullAnswer<Value>>;

/** An object key needs `key`. Two signatures: TypeScript infers no key from one with a condition. */
interface EachRevalidated {
  <Key, Value>(
    load: LoadRevalidated<Key, Value>,
    options: EachRevalidatedOptions<Key> & { readonly key: (key: Key) => ScalarKey },
  ): Batch<Key, Exclude<Value, undefined> | null>;
  <Key extends ScalarKey, Value>(
    load: LoadRevalidated<Key, Value>,
    options: EachRevalidatedOptions<Key>,
  ): Batch<Key, Exclude<Value, undefined> | null>;
}

const NOT_MODIFIED = 304;
/** A longer ETag is not kept: it would not be accepted as a header by many servers. */
const MAX_ETAG_LENGTH = 1_024;

/**
 * As `each`, for backends with ETags: a cached value that is stale is revalidated with `if-none-match`, and a 304 prolongs
 * it.
 *
 * `eachRevalidated((id: string, headers) => users.get.full('/users/{id}', { path: { id }, headers, response: User }), {
 * cache: { ttlMs: 30_000 } })`. A value whose response has no ETag is cached as with `each`.
 *
 * @throws RangeError for a `concurrency` below 1 or with a fraction, and for a `revalidateMs` that is not above 0
 */
export const eachRevalidated: EachRevalidated = <Key, Value>(
  load: LoadRevalidated<Key, Value>,
  options: EachRevalidatedOptions<Key>,
): Batch<Key, Exclude<Value, undefined> | null> => {
  const { key: keyOf = itself, concurrency, cache } = options;
  const { revalidateMs = ONE_DAY_MS } = cache;
  if (!(revalidateMs > 0 && Number.isFinite(revalidateMs)))
    throw new RangeError(
      `eachRevalidated: revalidateMs must be a number of milliseconds above 0, not ${revalidateMs}.`,
    );
  const settings = { key: keyOf, ...(concurrency !== undefined && { concurrency }), cache: { ...cache, revalidateMs } };
  return batchOf<Key>(settings, async (keys, limit, etags) => {
    const values = new Map<unknown, unknown>();
    const found = { etags: new Map<unknown, string>(), unmodified: new Set<unknown>() };
    const receive = (scalar: ScalarKey, { status, value, headers }: FullAnswer<Value>, sent?: string): void => {
      if (status === NOT_MODIFIED) found.unmodified.add(scalar);
      else values.set(scalar, value ?? null);
      const etag = headers.etag ?? (status === NOT_MODIFIED ? sent : undefined);
      if (etag !== undefined && etag.length <= MAX_ETAG_LENGTH) found.etags.set(scalar, etag);
    };
    await inTurn(keys, limit, async (key) => {
      const scalar = keyOf(key);
      const etag = etags?.get(scalar);
      try {
        receive(scalar, await load(key, etag === undefined ? {} : { 'if-none-match': etag }), etag);
      } catch (error) {
        values.set(scalar, nullIfAbsent(error));
      }
    });
    return { ...found, get: (scalar) => values.get(scalar) };
  });
};
