import { GatewayError, UpstreamError } from '../../core/errors.ts';
import { type Batch, type Found, RowsByKey, type ScalarKey } from '../define/batch.ts';
import { UrlTooLongError } from '../rest/rest-call.ts';
import type { CachedEntity, Entities } from './entity-cache.ts';

/**
 * The batch scheduler of one execution: collects keys that are requested in one tick, so that each backend receives one
 * call.
 *
 * Runs after all settled promises and their consequences, like DataLoader.
 */
export class BatchScheduler {
  #due: (() => void)[] = [];

  /** Runs a task at the end of this tick. Keys that the task requests belong to the same batch. */
  schedule(run: () => void): void {
    if (this.#due.push(run) === 1) void Promise.resolve().then(() => process.nextTick(this.#end));
  }

  readonly #end = (): void => {
    const due = this.#due;
    // May grow during the loop.
    for (const run of due) run();
    this.#due = [];
  };
}

/** One key of one request with its result: a value, null, or the Error of its load. */
export interface RequestedKey<Key = unknown> {
  readonly key: Key;
  readonly scalar: ScalarKey;
  /** Undefined until the key is loaded. */
  readonly value: unknown;
}

interface PendingKey<Key> extends RequestedKey<Key> {
  value: unknown;
  /** True for a value that must not be cached. Default false. */
  isPartial?: boolean;
  /** Cached value that is stale. Default: none. */
  stale?: CachedEntity;
  /** ETag of the value. Default: none. */
  etag?: string | undefined;
  readonly openBatch: OpenBatch<Key> | null;
}

/** Keys of one batch, and the callbacks that wait for them. */
interface OpenBatch<Key> {
  readonly pending: PendingKey<Key>[];
  readonly waiting: (() => void)[];
}

export const loaderError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('The loader failed.', { cause: error });

/** Awaits values that are promises. A module without a bulk call may return one promise for each key. */
const awaited = (values: readonly unknown[]): Promise<readonly unknown[]> =>
  Promise.all(values.map((value) => (value instanceof Promise ? value.catch(loaderError) : value)));

const etagsOf = (pending: readonly PendingKey<unknown>[]): ReadonlyMap<ScalarKey, string> =>
  new Map(pending.flatMap(({ scalar, stale }) => (stale?.etag === undefined ? [] : [[scalar, stale.etag] as const])));

/** The values of keys in the answer of their batch. A key that is not modified has its stale value. */
const valuesIn = (found: Found<unknown, unknown>, pending: readonly PendingKey<unknown>[]): readonly unknown[] =>
  found instanceof RowsByKey
    ? found.all(pending.map(({ scalar }) => scalar))
    : pending.map(({ scalar, stale }) =>
        stale !== undefined && found.unmodified?.has(scalar) === true ? stale.value : found.get(scalar),
      );

/** Codes of a backend that is unavailable. */
const OUTAGES: ReadonlySet<string> = new Set(['TIMEOUT', 'SERVICE_UNAVAILABLE', 'UPSTREAM_ERROR']);

/** The statuses for which RFC 5861, 4 allows a stale response, and failures without a response. */
const isOutage = (error: unknown): boolean =>
  error instanceof UpstreamError && OUTAGES.has(error.code) && (error.status === null || error.status >= 500);

/** Replaces the failure of a revalidation by the stale value, which is not prolonged. */
const useStale = (one: PendingKey<unknown>): void => {
  if (one.stale === undefined || !isOutage(one.value)) return;
  one.value = one.stale.value;
  one.isPartial = true;
};

/** Loads keys in one call. If their URL is too long, splits them in halves, down to single keys. Never rejects. */
const load = async <Key>(batch: Batch<Key, unknown>, pending: readonly PendingKey<Key>[]): Promise<void> => {
  try {
    const found: Found<unknown, unknown> = await batch.load(
      pending.map(({ key }) => key),
      batch.cache?.revalidateMs === undefined ? NO_ETAGS : etagsOf(pending),
    );
    const values = valuesIn(found, pending);
    const there = values.some((value) => value instanceof Promise) ? await awaited(values) : values;
    pending.forEach((one, at) => {
      one.value = there[at] ?? null;
      if (found.isPartial === true) one.isPartial = true;
      if (found.etags !== undefined) one.etag = found.etags.get(one.scalar);
      if (batch.cache?.staleIfError === true) useStale(one);
    });
  } catch (error) {
    if (!(error instanceof UrlTooLongError) || pending.length < 2) {
      const failure = loaderError(error);
      for (const one of pending) one.value = failure;
      return;
    }
    const middle = Math.ceil(pending.length / 2);
    await Promise.all([load(batch, pending.slice(0, middle)), load(batch, pending.slice(middle))]);
  }
};

const NO_ETAGS: ReadonlyMap<ScalarKey, string> = new Map();

/** Loads keys in calls of at most `maxSize` keys. */
const loadInChunks = <Key>(batch: Batch<Key, unknown>, pending: readonly PendingKey<Key>[]): Promise<unknown> => {
  const { maxSize: size } = batch;
  if (!(size >= 1)) throw new RangeError(`batch: maxSize must be at least 1, not ${size}.`);
  if (pending.length <= size) return load(batch, pending);
  const starts = Array.from({ length: Math.ceil(pending.length / size) }, (_, at) => at * size);
  return Promise.all(starts.map((start) => load(batch, pending.slice(start, start + size))));
};

/**
 * The keys that one request loads with one loader: each key once, and all keys of one tick in one call. Lives as long
 * as the request.
 *
 * With `entities`, a batch first reads the cache and loads only the missing keys.
 */
export class KeyLoader<Key = unknown> {
  readonly #batch: Batch<Key, unknown>;
  readonly #entities: Entities | null;
  readonly #scheduler: BatchScheduler;
  readonly #known = new Map<ScalarKey, PendingKey<Key>>();
  #open: OpenBatch<Key> | null = null;

  constructor(batch: Batch<Key, unknown>, entities: Entities | null, scheduler: BatchScheduler) {
    this.#batch = batch;
    this.#entities = entities;
    this.#scheduler = scheduler;
  }

  /** Requests a key. Throws what the batch's `key` throws. */
  request(key: Key): RequestedKey<Key> {
    const scalar = this.#batch.keyOf(key);
    const known = this.#known.get(scalar);
    if (known !== undefined) return known;
    // A lone surrogate cannot be encoded, and would fail every other key of its call.
    if (typeof scalar === 'string' && !scalar.isWellFormed())
      return { key, scalar, value: new GatewayError('BAD_USER_INPUT', 'A key is not well-formed text.') };
    const openBatch = this.#opened();
    const pending: PendingKey<Key> = { key, scalar, value: undefined, openBatch };
    openBatch.pending.push(pending);
    this.#known.set(scalar, pending);
    return pending;
  }

  /**
   * Calls back once all keys are loaded; synchronously if they already are. The keys must be this loader's own; null
   * stands for none.
   */
  whenLoaded(requested: readonly (RequestedKey<Key> | null)[], found: () => void): void {
    const batches = this.#openBatchesOf(requested);
    let left = batches.size;
    if (left === 0) {
      found();
      return;
    }
    const one = (): void => {
      left -= 1;
      if (left === 0) found();
    };
    for (const openBatch of batches) openBatch.waiting.push(one);
  }

  #openBatchesOf(requested: readonly (RequestedKey<Key> | null)[]): ReadonlySet<OpenBatch<Key>> {
    const batches = new Set<OpenBatch<Key>>();
    for (const one of requested) {
      if (one === null || one.value !== undefined) continue;
      const { openBatch } = one as PendingKey<Key>; // only `request` creates keys without a value
      if (openBatch !== null) batches.add(openBatch);
    }
    return batches;
  }

  #opened(): OpenBatch<Key> {
    if (this.#open !== null) return this.#open;
    const openBatch: OpenBatch<Key> = { pending: [], waiting: [] };
    this.#open = openBatch;
    this.#scheduler.schedule(() => {
      this.#open = null;
      void this.#send(openBatch);
    });
    return openBatch;
  }

  async #send({ pending, waiting }: OpenBatch<Key>): Promise<void> {
    try {
      const missing = this.#entities === null ? pending : await this.#unknown(pending, this.#entities);
      if (missing.length > 0) {
        await loadInChunks(this.#batch, missing);
        if (this.#entities !== null) this.#keep(missing, this.#entities);
      }
    } catch (error) {
      // An error in the batching code itself: fail the keys, so that no caller hangs.
      const failure = loaderError(error);
      for (const one of pending) one.value ??= failure;
    }
    // Failures are not memoized: a later batch of the same request may succeed.
    for (const { scalar, value } of pending) if (value instanceof Error) this.#known.delete(scalar);
    for (const found of waiting) found();
  }

  /** Fills in cached values and returns the missing keys. */
  async #unknown(pending: readonly PendingKey<Key>[], entities: Entities): Promise<readonly PendingKey<Key>[]> {
    const known = await entities.read(pending.map(({ scalar }) => scalar));
    return pending.filter((one, at) => {
      const before = known[at];
      if (before?.etag !== undefined) one.stale = before;
      else if (before !== undefined) one.value = before.value;
      return one.value === undefined;
    });
  }

  #keep(loaded: readonly PendingKey<Key>[], entities: Entities): void {
    const complete = loaded.filter(({ isPartial }) => isPartial !== true);
    const asRead = entities.write(
      new Map(complete.map(({ scalar, value }) => [scalar, value])),
      new Map(complete.map(({ scalar, etag }) => [scalar, etag])),
    );
    for (const one of complete) one.value = asRead.get(one.scalar) ?? null;
  }
}
