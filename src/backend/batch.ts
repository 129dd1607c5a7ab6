import type { IsAny, Misfit } from './checks/misfit.ts';
import type { CheckedNames, Problem } from './checks/problem.ts';
import { propertyOf } from './property.ts';

/** A type of which nothing is known, as that of an expression that is an error already. */
// biome-ignore lint/suspicious/noExplicitAny: of `unknown` there would be more errors
type Untyped = any;

/** A key that is compared by its value. */
export type ScalarKey = string | number | bigint;

/** What a batch looks its keys up in: a Map, or anything with `get`. A missing key is null; an Error fails that key alone. */
export interface Found<Key, Value> {
  get(key: Key): Value | Error | undefined;
}

/** How long what a loader found may be served to others. */
export interface CacheOptions {
  /** From when it was loaded, in milliseconds, give or take a tenth. What was not found is kept for 5 seconds at most. */
  readonly ttlMs: number;
  /**
   * `private`, the default: to the principal it was loaded for, with the same forwarded headers. `public`: to everybody;
   * such a loader's calls carry nothing of the caller, whatever its upstreams' `forward` says.
   */
  readonly scope?: 'private' | 'public';
}

export interface BatchOptions {
  /** Keys in one call at most; more are loaded in several. Default: no limit. */
  readonly maxSize?: number;
  /**
   * Keeps what was found, between requests and replicas, as JSON: a Date becomes a string, and does so on the first load
   * too. Default: nothing is kept.
   */
  readonly cache?: CacheOptions;
}

/** A loader as a module declares it: how to fetch many keys at once. The gateway makes one DataLoader of it for each request. */
export interface Batch<Key, Value> {
  readonly load: (keys: readonly Key[]) => Promise<Found<unknown, unknown>>;
  /** The scalar that stands for a key: what `load`'s answer is looked up by, and what keys are deduplicated by. */
  readonly keyOf: (key: Key) => ScalarKey;
  readonly maxSize: number;
  /** Null for a loader that keeps nothing between requests. */
  readonly cache?: CacheOptions | null;
  /** What one key gives. Exists for the compiler only. */
  readonly value?: Value;
}

/** What `groupBy` gives: unlike a Map it has an answer for every key, an empty list where nothing was found. */
export interface Groups<Key, Row> extends Found<Key, readonly Row[]> {
  get(key: Key): readonly Row[];
}

/** The value of one key: null where it may be missing. */
type ValueOf<Answer> =
  IsAny<Answer extends Found<never, infer Value> ? Value : unknown> extends true
    ? Untyped
    : Answer extends Groups<never, infer Row>
      ? readonly Row[]
      : Answer extends Found<never, infer Value>
        ? Exclude<Value, Error | undefined> | null
        : never;

/** The reason why a batch cannot work; never where it can. */
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
    : 'the answer is no Map: use byKey, groupBy or a Map';

const itself = (key: ScalarKey): ScalarKey => key;

/**
 * Loads many keys in one call: `batch(async (ids) => byKey(await fetchThem(ids), 'id'))`.
 *
 * The answer is looked up by key, so its order, length and duplicates do not matter. Keys are unique. A key that is an
 * object needs `key`, which says what scalar stands for it; the answer is then looked up by that.
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
  // Erased on purpose: what leaves here is typed by the overloads, what stays is only ever called with its own keys.
  const erased = load as (keys: readonly never[]) => Promise<Found<unknown, unknown>>;
  const { key: keyOf = itself, maxSize = Number.POSITIVE_INFINITY, cache = null } = options;
  return { load: erased, keyOf, maxSize, cache };
}

/** A row's key: a property, or made by a function. */
type RowKeyOf<Row> = keyof Row | ((row: Row) => ScalarKey);

type RowKey<Row, By> = By extends keyof Row ? Row[By] : By extends (row: Row) => infer Key ? Key : never;

const reader = <Row>(by: PropertyKey | ((row: Row) => unknown)): ((row: Row) => unknown) =>
  typeof by === 'function' ? by : (row) => propertyOf(Object(row), by);

/** Rows by a property, or by what a function makes of them. Of two rows with one key the first counts. */
export const byKey = <Row = Untyped, const By extends RowKeyOf<Row> = RowKeyOf<Row>>(
  rows: Iterable<Row>,
  by: By,
): Map<RowKey<Row, By>, Row> => {
  const read = reader<Row>(by);
  const found = new Map<unknown, Row>();
  for (const row of rows) {
    const key = read(row);
    if (!found.has(key)) found.set(key, row);
  }
  // The reader read exactly what RowKey names.
  return found as Map<RowKey<Row, By>, Row>;
};

/** Rows in lists by a property, or by what a function makes of them, in the order they came: one to many. */
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
