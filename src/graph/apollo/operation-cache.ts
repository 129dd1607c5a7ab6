import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type GraphQLSchema,
  lexicographicSortSchema,
  type OperationDefinitionNode,
  print,
  printSchema,
} from 'graphql';
import { z } from 'zod';
import type { CacheStore } from '../../cache/store.ts';
import { wallTime } from '../../core/clock.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { Composition } from '../compose/composition.ts';
import { type CacheKnowledge, type CachePolicy, cachePolicyOf } from '../directives/cache-policy.ts';
import type { Operation, Run } from '../operation.ts';

/** Returns the cache policy of an operation, memoized per document. */
export type PolicyOf = (document: DocumentNode, operation: OperationDefinitionNode) => CachePolicy;

export const cacheKnowledge = (composition: Composition, schema: GraphQLSchema): CacheKnowledge => ({
  schema,
  ...composition.hints,
  requirements: composition.authorization.requirements,
  inputs: composition.authorization.inputs,
  personal: composition.personal,
  computed: composition.computed,
  keys: composition.keys,
});

export const policiesBy = (knowledge: CacheKnowledge): PolicyOf => {
  const known = new WeakMap<OperationDefinitionNode, CachePolicy>();
  return (document, operation) => {
    const before = known.get(operation);
    if (before !== undefined) return before;
    const policy = cachePolicyOf(knowledge, document, operation);
    known.set(operation, policy);
    return policy;
  };
};

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** A hash of the schema, for cache keys. */
export const fingerprintOf = (schema: GraphQLSchema): string => hash(printSchema(lexicographicSortSchema(schema)));

const texts = new WeakMap<DocumentNode, string>();

/** A hash of a document, independent of its formatting. */
const hashOf = (document: DocumentNode): string => {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const hashed = hash(print(document));
  texts.set(document, hashed);
  return hashed;
};

/** Normalizes a value so that the order of keys does not change its JSON. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // The marker `object` distinguishes an object from a list of pairs.
  return { object: entries.map(([name, inner]) => [name, canonical(inner)]) };
};

/**
 * Returns the cache key; null if the variables are nested too deeply to serialize. Undeclared variables are ignored.
 */
const keyOf = (fingerprint: string, { document, operation, variables }: Operation): string | null => {
  const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  try {
    const values = declared.map((name) =>
      Object.hasOwn(variables, name) ? [name, canonical(variables[name])] : [name],
    );
    return `operation:${fingerprint}:${hashOf(document)}:${operation.name?.value ?? ''}:${hash(JSON.stringify(values))}`;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};

const Kept = z.object({ at: z.number(), data: z.record(z.string(), z.unknown()) });

interface KeptAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  /** In seconds. */
  readonly age: number;
}

/** Null for an expired entry, and for text that is not an entry: the store may contain anything. */
const parsed = (text: string, maxAge: number, now: number): KeptAnswer | null => {
  try {
    const { at, data } = Kept.parse(JSON.parse(text));
    const age = Math.max(0, Math.floor((now - at) / 1_000));
    return age < maxAge ? { data, age } : null;
  } catch {
    return null;
  }
};

const ages = new WeakMap<RequestContext, number>();

/** Age of the cached response of this request in seconds; 0 if it was not cached. */
export const ageOf = (request: RequestContext): number => ages.get(request) ?? 0;

export interface OperationCacheOptions {
  readonly store: CacheStore;
  readonly policyOf: PolicyOf;
  /** Separates schemas that share a store. */
  readonly fingerprint: string;
  /** Part of the key for the subsets that calls of this operation go to. */
  readonly subsetsOf: (operation: Operation, request: RequestContext) => string;
  /** Milliseconds since 1970, the same for all replicas. */
  readonly now?: () => number;
}

/**
 * Answers public operations with whole responses from the store. An operation is cached only if every field is public
 * and cacheable, so that a hit needs no authorization, and if no field has a rate limit. Responses with errors are not
 * stored.
 */
export const withOperationCache =
  ({ store, policyOf, fingerprint, subsetsOf, now = wallTime }: OperationCacheOptions) =>
  (run: Run): Run =>
  async (operation, request) => {
    const policy = policyOf(operation.document, operation.operation);
    if (policy.maxAge <= 0 || policy.isPrivate || policy.isLimited) return run(operation, request);
    const own = keyOf(fingerprint, operation);
    const key = own && own + subsetsOf(operation, request);
    if (key === null) return run(operation, request);
    const [text] = await store.getMany([key]);
    const kept = text === undefined ? null : parsed(text, policy.maxAge, now());
    request.trace.record.cached(kept === null ? 'miss' : 'hit');
    if (kept !== null) {
      ages.set(request, kept.age);
      return { data: kept.data };
    }
    const result = await run(operation, request);
    // The response does not wait for the store.
    if (result.errors === undefined && result.data) {
      const value = JSON.stringify({ at: now(), data: result.data });
      void store.setMany([{ key, value, ttlMs: policy.maxAge * 1_000 }]);
    }
    return result;
  };
