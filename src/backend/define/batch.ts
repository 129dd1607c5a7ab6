import { propertyOf } from '../../core/property.ts';
import type { IsAny, Misfit } from '../checks/misfit.ts';
import type { CheckedNames, Problem } from '../checks/problem.ts';
import type { RemoteLoad } from '../remote/remote-load.ts';

/** Type of an expression that is already an error. */
// biome-ignore lint/suspicious/noExplicitAny: of `unknown` there would be more errors
type Untyped = any;

/** A key compared by value. */
export type ScalarKey = string | number | bigint;

/** Result of a batch: a Map, or any object with `get`. A missing key is null; an Error fails that key alone. */
export interface Found<Key, Value> {
  get(key: Key): Value | Error | undefined;
  /** True if values contain errors. They are not cached. Default false. */
  readonly isPartial?: boolean;
  /** ETags of values, by scalar. Default: none. */
  readonly etags?: ReadonlyMap<unknown, string>;
  /** Scalars of keys with an ETag whose value has not changed (304). Default: none. */
  readonly unmodified?: ReadonlySet<unknown>;
}

/** How long and for which callers the values of a loader may be cached. */
export interface CacheOptions {
  /** Lifetime in milliseconds after the load, plus or minus 10 %. A missing value is cached for 5 seconds at most. */
  readonly ttlMs: number;
  /**
   * `private` (default): reused for the same principal with the same forwarded headers. `public`: reused for every
   * caller; the loader's calls then carry nothing of the caller, whatever the `forward` of its upstreams is.
   */
  readonly scope?: 'private' | 'public';
}

/** How long values are cached, and kept for a revalidation by their ETag. */
export interface RevalidatedCache extends CacheOptions {
  /** Milliseconds after `ttlMs` in which a value is kept for a revalidation, plus or minus 10 %. Default 1 day. */
  readonly revalidateMs?: number;
  /**
   * Uses the kept value if its revalidation fails because the backend is unavailable: no response, a timeout, or a status
   * of 500 or above. Every later request revalidates again. Default false: the failure is an error.
   */
  readonly staleIfError?: boolean;
}

export interface BatchOptions {
  /** Maximum number of keys in one call; more keys are split into several calls. Default: no limit. */
  readonly maxSize?: number;
  /**
   * Caches values as JSON between requests and replicas. A Date becomes a string, on the first load too. Default: no
   * cache.
   */
  readonly cache?: CacheOptions;
}

/**
 * A loader as declared by a module: how to fetch many keys in one call. The gateway creates one DataLoader per request
 * from it.
 */
export interface Batch<Key, Value> {
  readonly load: (
    keys: readonly Key[],
    /** ETags of values that are stale, by scalar. Default: none. */
    etags?: ReadonlyMap<ScalarKey, string>,
  ) => Promise<Found<unknown, unknown>>;
  /** Scalar of a key: the lookup key in the result of `load`, and the identity of a key within a request. */
  readonly keyOf: (key: Key) => ScalarKey;
  readonly maxSize: number;
  /** Null: no cache. With `revalidateMs`, stale values are revalidated. */
  readonly cache?: RevalidatedCache | null;
  /** Present if each key costs a call. `isExpected` is true if the module has declared their concurrency. */
  readonly callsPerKey?: { readonly isExpected: boolean };
  /** Present if the rows come from a GraphQL service, with the fields that each operation selects. */
  readonly remote?: RemoteLoad;
  /** Type of a loaded value. Exists for the compiler only. */
  readonly value?: Value;
}

/** Result of `groupBy`. Unlike a Map, it has a value for every key: an empty list if no row was found. */
export interface Groups<Key, Row> extends Found<Key, readonly Row[]> {
  get(key: Key): readonly Row[];
}

/** Type of the value of one key: null if it may be missing. */
type ValueOf<Answer> =
  IsAny<Answer extends Found<never, infer Value> ? Value : unknown> extends true
    ? Untyped
    : Answer extends Groups<never, infer Row>
      ? readonly Row[]
      : Answer extends Found<never, infer Value>
        ? Exclude<Value, Error | undefined> | null
        : never;

/** The reason for which a batch cannot work; never for a valid one. */
type MisfitOfBatch<Key, Answer, Scalar, Options> = 'key' extends Options
  ? MisfitOfAnswer<Answer, Scalar>
  : unknown extends Key
    ? never
    : [Key] extends [ScalarKey]
      ? MisfitOfAnswer<Answer, Key>
      : 'a key that is an object needs the option `key`';

type MisfitOfAnswer<Answer, Wanted> = [Answer] extends [Found<Wanted, unknown>]
  ? never
  : [Answer] extends [Found<infer Given, unknown>]
    ? Misfit<Given, Wanted, 'a key of the answer'>
    : 'the answer is not a Map: use byKey, groupBy or a Map';

const itself = (key: ScalarKey): ScalarKey => key;

/**
 * Loads many keys in one call: `batch(async (ids) => byKey(await fetchThem(ids), 'id'))`.
 *
 * Results are looked up by key, so that their order, length and duplicates do not matter. Keys are unique. An object
 * key requires the option `key`, which returns the scalar to look it up by.
 */
export function batch<Key, Answer, Options extends string = never, Scalar extends ScalarKey = Untyped>(
  load: [MisfitOfBatch<Key, Answer, Scalar, Options>] extends [never]
    ? (keys: readonly Key[]) => Promise<Answer>
    : Problem<MisfitOfBatch<Key, Answer, Scalar, Options>>,
  options?: BatchOptions & { readonly key?: (key: Key) => Scalar } & CheckedNames<
      Options,
      keyof BatchOptions | 'key',
      'batch'
    >,
): Batch<Key, ValueOf<Answer>>;
export function batch(
  load: (keys: readonly never[]) => Promise<Found<never, unknown>>,
  options: BatchOptions & { readonly key?: (key: never) => ScalarKey } = {},
): Batch<never, unknown> {
  // The overload has checked the types; `load` is called with its own keys only.
  const erased = load as (keys: readonly never[]) => Promise<Found<unknown, unknown>>;
  const { key: keyOf = itself, maxSize = Number.POSITIVE_INFINITY, cache = null } = options;
  return { load: erased, keyOf, maxSize, cache };
}

/** Key of a row: the name of a property, or a function. */
type RowKeyOf<Row> = keyof Row | ((row: Row) => ScalarKey);

type RowKey<Row, By> = By extends keyof Row ? Row[By] : By extends (row: Row) => infer Key ? Key : never;

const reader = <Row>(by: PropertyKey | ((row: Row) => unknown)): ((row: Row) => unknown) =>
  typeof by === 'function' ? by : (row) => propertyOf(Object(row), by);

/** Result of `byKey`. The first of two rows with the same key wins. */
export class RowsByKey<Key, Row> implements Found<Key, Row> {
  readonly #rows: readonly Row[];
  readonly #keyOf: (row: Row) => unknown;
  #map: ReadonlyMap<unknown, Row> | null = null;

  constructor(rows: readonly Row[], keyOf: (row: Row) => unknown) {
    this.#rows = rows;
    this.#keyOf = keyOf;
  }

  get(key: Key): Row | undefined {
    this.#map ??= new Map(this.#rows.toReversed().map((row) => [this.#keyOf(row), row]));
    return this.#map.get(key);
  }

  /** Returns the rows of distinct keys, in the order of the keys. */
  // perf: P15
  all(keys: readonly Key[]): readonly (Row | undefined)[] {
    return this.#inOrder(keys) ?? keys.map((key) => this.get(key));
  }

  /** Returns the rows of keys if they already have the order of the keys, else null. Keys may be without a row. */
  #inOrder(keys: readonly Key[]): readonly (Row | undefined)[] | null {
    const rows = this.#rows;
    let at = 0;
    const found = keys.map((key) => {
      const row = rows[at];
      if (row === undefined || this.#keyOf(row) !== key) return undefined;
      at += 1;
      return row;
    });
    return at === rows.length ? found : null;
  }
}

/** Maps rows by a property or by a computed key. The first of two rows with the same key wins. */
export const byKey = <Row = Untyped, const By extends RowKeyOf<Row> = RowKeyOf<Row>>(
  rows: Iterable<Row>,
  by: By,
): RowsByKey<RowKey<Row, By>, Row> =>
  // isArray of an Iterable is any[]
  new RowsByKey(Array.isArray(rows) ? (rows as readonly Row[]) : [...rows], reader<Row>(by));

/** Groups rows by a property or by a computed key (one to many). Groups keep the order of the rows. */
export const groupBy = <Row = Untyped, const By extends RowKeyOf<Row> = RowKeyOf<Row>>(
  rows: Iterable<Row>,
  by: By,
): Groups<RowKey<Row, By>, Row> => {
  const read = reader<Row>(by);
  const groups = new Map<unknown, Row[]>();
  for (const row of rows) {
    const key = read(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return { get: (key) => groups.get(key) ?? [] };
};
