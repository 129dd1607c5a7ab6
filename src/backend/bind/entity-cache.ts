import { createHash } from 'node:crypto';
import type { CacheEntry, CacheStore } from '../../cache/store.ts';
import { countParsed } from '../../request/parsed-memory.ts';
import { principalKey } from '../../request/principal.ts';
import type { RequestContext, RequestMemory } from '../../request/request-context.ts';
import type { RequestTrace } from '../../telemetry/request-trace.ts';
import { callSubjectOf } from '../credentials/own-credentials.ts';
import type { RevalidatedCache, ScalarKey } from '../define/batch.ts';
import type { SchemaModule } from '../define/module.ts';
import { forwarded } from '../forward/forwarded-headers.ts';
import { entityKeys } from '../merge/entity-keys.ts';

/** Missing values are cached for a short time only, because they may be created at any moment. */
const MAX_ABSENCE_MS = 5_000;

/** A cached value. */
export interface CachedEntity {
  readonly value: unknown;
  /** Present if the value is stale and must be revalidated. */
  readonly etag?: string;
}

/** Cached values of a loader for one audience. */
export interface Entities {
  /** Reads all keys at once. Returns for each key the cached value, or undefined if it is not cached. */
  read(keys: readonly ScalarKey[]): Promise<readonly (CachedEntity | undefined)[]>;
  /**
   * Writes values, with their ETags, without waiting for the store. Returns them as a later read would: converted to JSON
   * and back.
   */
  write(
    found: ReadonlyMap<ScalarKey, unknown>,
    etags?: ReadonlyMap<ScalarKey, string | undefined>,
  ): ReadonlyMap<ScalarKey, unknown>;
}

/** Cache options of a loader: its own, or those of the merge that names it; null for no cache. */
export const cachingOf = (
  module: Pick<SchemaModule, 'merge'>,
  loader: string,
  batch: { readonly cache?: RevalidatedCache | null },
): RevalidatedCache | null =>
  batch.cache ??
  Object.values(module.merge)
    .flatMap(entityKeys)
    .find(({ load, cache }) => load === loader && cache)?.cache ??
  null;

/**
 * Key of the callers that may see answers loaded for this request: the principal, with everything of the caller that the
 * module's upstreams receive.
 */
export const audienceOf = (module: Pick<SchemaModule, 'upstreams'>, request: RequestContext): string => {
  const received = Object.entries(module.upstreams).flatMap(([upstream, definition]) => {
    const { forward } = definition;
    const subject = callSubjectOf(definition, request);
    if (forward === undefined && subject === undefined) return [];
    // The token as well as the principal: a backend may decide by claims that the principal does not contain.
    const headers = Object.entries(forward === undefined ? {} : forwarded(forward, request)).toSorted();
    return [subject === undefined ? [upstream, headers] : [upstream, headers, subject.key]];
  });
  // Hashed, because keys are visible in the store.
  const rest = received.length === 0 ? '-' : createHash('sha256').update(JSON.stringify(received)).digest('base64url');
  return `${principalKey(request.principal)} ${rest}`;
};

/**
 * Parses rows stored as JSON behind the mark of the module's schema. Rows of another schema may lack fields and are
 * ignored.
 */
const parsed = (text: string | undefined, shape: string): { readonly value: unknown } | undefined => {
  if (!text?.startsWith(shape)) return undefined;
  try {
    return { value: JSON.parse(text.slice(shape.length)) };
  } catch {
    // The value is corrupt. The next load replaces it.
    return undefined;
  }
};

const lengthOf = (texts: readonly (string | undefined)[]): number => {
  let length = 0;
  for (const text of texts) length += text?.length ?? 0;
  return length;
};

const shapes = new WeakMap<object, string>();

/** Mark of a module's schema, computed once per module. */
const shapeOf = ({ typeDefs }: Pick<SchemaModule, 'typeDefs'>): string => {
  const known = shapes.get(typeDefs);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(typeDefs.text);
  for (const { text } of typeDefs.imported ?? []) hash.update(text);
  const shape = `${hash.digest('base64url').slice(0, 11)} `;
  shapes.set(typeDefs, shape);
  return shape;
};

/** Returns null for values that JSON cannot represent, such as a bigint. */
const asJson = (value: unknown): string | null => {
  try {
    return JSON.stringify(value ?? null) ?? null;
  } catch {
    return null;
  }
};

export interface EntityCacheOptions {
  readonly store: CacheStore;
  readonly module: Pick<SchemaModule, 'name' | 'typeDefs'>;
  readonly loader: string;
  readonly caching: RevalidatedCache;
  /** The result of `audienceOf`, or `public`. */
  readonly audience: string;
  /** True to bypass the cache. */
  readonly bypassCache: boolean;
  /** Record of the reading request. */
  readonly record: RequestTrace['record'];
  /** Account of the reading request. Default: memory is not counted. */
  readonly memory?: RequestMemory | undefined;
}

/** Names of the entries of a key: its value, and for values with an ETag a mark with the lifetime of a fresh one. */
interface EntryNames {
  readonly value: (key: ScalarKey) => string;
  readonly fresh: (key: ScalarKey) => string;
}

const namesOf = ({ audience, module, loader }: EntityCacheOptions): EntryNames => {
  const named =
    (...kind: readonly string[]) =>
    (key: ScalarKey) =>
      JSON.stringify([audience, module.name, loader, typeof key, String(key), ...kind]);
  return { value: named(), fresh: named('fresh') };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A value stored with its ETag. Undefined for a stale value without one. */
const withEtag = (stored: unknown, isFresh: boolean): CachedEntity | undefined => {
  if (!isRecord(stored) || !('value' in stored)) return undefined;
  const { value, etag } = stored;
  if (isFresh) return { value };
  return typeof etag === 'string' ? { value, etag } : undefined;
};

/** The entries of one value. `shape` is the mark of the module's schema. */
const entriesOf = (
  key: ScalarKey,
  text: string,
  {
    names,
    shape,
    caching,
    etag,
  }: {
    readonly names: EntryNames;
    readonly shape: string;
    readonly caching: RevalidatedCache;
    readonly etag: string | undefined;
  },
): readonly CacheEntry[] => {
  const { revalidateMs } = caching;
  const ttlMs = text === 'null' ? Math.min(caching.ttlMs, MAX_ABSENCE_MS) : caching.ttlMs;
  if (revalidateMs === undefined) return [{ key: names.value(key), value: shape + text, ttlMs }];
  const value = `${shape}{"etag":${JSON.stringify(etag ?? null)},"value":${text}}`;
  return [
    { key: names.value(key), value, ttlMs: etag === undefined ? ttlMs : ttlMs + revalidateMs },
    { key: names.fresh(key), value: shape, ttlMs },
  ];
};

/** The cache entries of one loader for one audience. */
export const entityCacheOf = (options: EntityCacheOptions): Entities => {
  const { store, module, caching, bypassCache, record, memory } = options;
  const names = namesOf(options);
  const shape = shapeOf(module);
  const revalidates = caching.revalidateMs !== undefined;
  const stored = async (keys: readonly ScalarKey[]): Promise<readonly (CachedEntity | undefined)[]> => {
    const texts = await store.getMany([...keys.map(names.value), ...(revalidates ? keys.map(names.fresh) : [])]);
    if (memory !== undefined) countParsed(memory, lengthOf(texts));
    const found = keys.map((_key, at) => parsed(texts[at], shape));
    if (!revalidates) return found;
    return found.map((one, at) => one && withEtag(one.value, texts[keys.length + at] === shape));
  };
  return {
    read: async (keys) => {
      if (bypassCache) {
        record.cached('bypass', keys.length);
        return keys.map(() => undefined);
      }
      const found = await stored(keys);
      const hits = found.filter((one) => one !== undefined && one.etag === undefined).length;
      record.cached('hit', hits);
      record.cached('miss', found.length - hits);
      return found;
    },
    write: (found, etags) => {
      const asRead = new Map<ScalarKey, unknown>();
      const entries = [...found].flatMap(([key, value]) => {
        const text = value instanceof Error ? null : asJson(value);
        asRead.set(key, text === null ? value : JSON.parse(text));
        return text === null ? [] : entriesOf(key, text, { names, shape, caching, etag: etags?.get(key) });
      });
      void store.setMany(entries);
      return asRead;
    },
  };
};
