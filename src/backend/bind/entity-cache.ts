import { createHash } from 'node:crypto';
import type { CacheStore } from '../../cache/store.ts';
import { countParsed } from '../../request/parsed-memory.ts';
import { principalKey } from '../../request/principal.ts';
import type { RequestContext, RequestMemory } from '../../request/request-context.ts';
import type { RequestTrace } from '../../telemetry/request-trace.ts';
import type { CacheOptions, ScalarKey } from '../define/batch.ts';
import type { SchemaModule } from '../define/module.ts';
import { entityKeys } from '../merge/entity-keys.ts';
import { forwarded } from './forwarding.ts';

/** Missing values are cached for a short time only, because they may be created at any moment. */
const MAX_ABSENCE_MS = 5_000;

/** Cached values of a loader for one audience. */
export interface Entities {
  /** Reads all keys at once. Returns for each key the cached value, or undefined if it is not cached. */
  read(keys: readonly ScalarKey[]): Promise<readonly ({ readonly value: unknown } | undefined)[]>;
  /** Writes values without waiting for the store. Returns them as a later read would: converted to JSON and back. */
  write(found: ReadonlyMap<ScalarKey, unknown>): ReadonlyMap<ScalarKey, unknown>;
}

/** Cache options of a loader: its own, or those of the merge that names it; null for no cache. */
export const cachingOf = (
  module: Pick<SchemaModule, 'merge'>,
  loader: string,
  batch: { readonly cache?: CacheOptions | null },
): CacheOptions | null =>
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
  const received = Object.entries(module.upstreams).flatMap(([upstream, { forward }]) => {
    if (forward === undefined) return [];
    // The token as well as the principal: a backend may decide by claims that the principal does not contain.
    return [[upstream, Object.entries(forwarded(forward, request)).toSorted()]];
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
  readonly caching: CacheOptions;
  /** The result of `audienceOf`, or `public`. */
  readonly audience: string;
  /** True to bypass the cache. */
  readonly bypassCache: boolean;
  /** Record of the reading request. */
  readonly record: RequestTrace['record'];
  /** Account of the reading request. Default: memory is not counted. */
  readonly memory?: RequestMemory | undefined;
}

/** The cache entries of one loader for one audience. */
export const entityCacheOf = (options: EntityCacheOptions): Entities => {
  const { store, module, loader, caching, audience, bypassCache, record, memory } = options;
  const nameOf = (key: ScalarKey) => JSON.stringify([audience, module.name, loader, typeof key, String(key)]);
  const shape = shapeOf(module);
  return {
    read: async (keys) => {
      if (bypassCache) {
        record.cached('bypass', keys.length);
        return keys.map(() => undefined);
      }
      const texts = await store.getMany(keys.map(nameOf));
      if (memory !== undefined) countParsed(memory, lengthOf(texts));
      const found = texts.map((text) => parsed(text, shape));
      const hits = found.filter((one) => one !== undefined).length;
      record.cached('hit', hits);
      record.cached('miss', found.length - hits);
      return found;
    },
    write: (found) => {
      const asRead = new Map<ScalarKey, unknown>();
      const entries = [...found].flatMap(([key, value]) => {
        const text = value instanceof Error ? null : asJson(value);
        asRead.set(key, text === null ? value : JSON.parse(text));
        if (text === null) return [];
        const ttlMs = text === 'null' ? Math.min(caching.ttlMs, MAX_ABSENCE_MS) : caching.ttlMs;
        return [{ key: nameOf(key), value: shape + text, ttlMs }];
      });
      void store.setMany(entries);
      return asRead;
    },
  };
};
