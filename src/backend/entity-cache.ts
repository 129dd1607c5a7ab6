import { createHash } from 'node:crypto';
import { principalKey } from '../auth/principal.ts';
import type { CacheStore } from '../cache/store.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { CacheOptions, ScalarKey } from './batch.ts';
import { forwarded } from './bound-request.ts';
import type { SchemaModule } from './module.ts';
import type { RequestContext } from './request-context.ts';

/** What was not found may be there in a moment, and is then asked for at once. */
const LONGEST_ABSENCE_MS = 5_000;

/** What a loader has found before, for whoever may see the same. */
export interface Entities {
  /** One read of the store: for each key what was found, or undefined where that is not known. */
  read(keys: readonly ScalarKey[]): Promise<readonly ({ readonly value: unknown } | undefined)[]>;
  /** One write to the store, which nobody waits for. Gives the values as they will be read: as JSON keeps them. */
  write(found: ReadonlyMap<ScalarKey, unknown>): ReadonlyMap<ScalarKey, unknown>;
}

/** How long what a loader finds may be kept: as the loader says, or the merge that names it; null for not at all. */
export const cachingOf = (
  module: Pick<SchemaModule, 'merge'>,
  loader: string,
  batch: { readonly cache?: CacheOptions | null },
): CacheOptions | null =>
  batch.cache ?? Object.values(module.merge).find(({ load, cache }) => load === loader && cache)?.cache ?? null;

/**
 * Whom answers that were loaded for this request may be shown to: the same principal, with everything else that the
 * module's upstreams are told of the caller.
 */
export const audienceOf = (module: Pick<SchemaModule, 'upstreams'>, request: RequestContext): string => {
  const told = Object.entries(module.upstreams).flatMap(([upstream, { forward }]) => {
    if (forward === undefined) return [];
    // The token as well as the principal: a backend that reads it may decide by a claim that the principal does not have.
    return [[upstream, Object.entries(forwarded(forward, request)).toSorted()]];
  });
  // Hashed, because keys are seen by whoever may look into the store.
  const rest = told.length === 0 ? '-' : createHash('sha256').update(JSON.stringify(told)).digest('base64url');
  return `${principalKey(request.principal)} ${rest}`;
};

/** Rows as JSON behind a mark of the module's schema: those of another schema may lack fields. */
const parsed = (text: string | undefined, shape: string): { readonly value: unknown } | undefined => {
  if (!text?.startsWith(shape)) return undefined;
  try {
    return { value: JSON.parse(text.slice(shape.length)) };
  } catch {
    // Not what was written. The next load replaces it.
    return undefined;
  }
};

const shapes = new WeakMap<object, string>();

/** Mark of a module's schema, made once a module. */
const shapeOf = ({ typeDefs }: Pick<SchemaModule, 'typeDefs'>): string => {
  const known = shapes.get(typeDefs);
  if (known !== undefined) return known;
  const shape = `${createHash('sha256').update(typeDefs.text).digest('base64url').slice(0, 11)} `;
  shapes.set(typeDefs, shape);
  return shape;
};

/** Null for what JSON cannot hold, such as a bigint. */
const asJson = (value: unknown): string | null => {
  try {
    return JSON.stringify(value ?? null) ?? null;
  } catch {
    return null;
  }
};

export interface EntitiesOptions {
  readonly store: CacheStore;
  readonly module: Pick<SchemaModule, 'name' | 'typeDefs'>;
  readonly loader: string;
  readonly caching: CacheOptions;
  /** As `audienceOf` makes it, or `public`. */
  readonly audience: string;
  /** Whether to read nothing that was found before. */
  readonly fresh: boolean;
  /** Of the request that reads. */
  readonly record: RequestTrace['record'];
}

/** The entries of one loader for one audience. */
export const entitiesIn = ({ store, module, loader, caching, audience, fresh, record }: EntitiesOptions): Entities => {
  const nameOf = (key: ScalarKey) => JSON.stringify([audience, module.name, loader, typeof key, String(key)]);
  const shape = shapeOf(module);
  return {
    read: async (keys) => {
      if (fresh) {
        record.cached('bypass', keys.length);
        return keys.map(() => undefined);
      }
      const found = (await store.getMany(keys.map(nameOf))).map((text) => parsed(text, shape));
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
        const ttlMs = text === 'null' ? Math.min(caching.ttlMs, LONGEST_ABSENCE_MS) : caching.ttlMs;
        return [{ key: nameOf(key), value: shape + text, ttlMs }];
      });
      void store.setMany(entries);
      return asRead;
    },
  };
};
