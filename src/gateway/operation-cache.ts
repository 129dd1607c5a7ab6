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
import type { RequestContext } from '../backend/request-context.ts';
import type { CacheStore } from '../cache/store.ts';
import { wallTime } from '../clock.ts';
import { type CacheKnowledge, type CachePolicy, cachePolicyOf } from '../directives/cache-policy.ts';
import type { Composition } from './composition.ts';
import type { Operation, Run } from './operation.ts';

/** The policy of an operation, worked out once a document. */
export type PolicyOf = (document: DocumentNode, operation: OperationDefinitionNode) => CachePolicy;

export const cacheKnowledge = (composition: Composition, schema: GraphQLSchema): CacheKnowledge => ({
  schema,
  ...composition.hints,
  requirements: composition.authorization.requirements,
  personal: composition.personal,
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

/** Tells one schema from another. */
export const fingerprintOf = (schema: GraphQLSchema): string => hash(printSchema(lexicographicSortSchema(schema)));

const texts = new WeakMap<DocumentNode, string>();

/** A hash of what a document says, however it was laid out. */
const hashOf = (document: DocumentNode): string => {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const hashed = hash(print(document));
  texts.set(document, hashed);
  return hashed;
};

/** The same text for the same value, in whatever order its keys were written. */
const canonical = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Marked, so that no object looks like a list of pairs.
  return { object: entries.map(([name, inner]) => [name, canonical(inner)]) };
};

/** Null for variables that nest too deeply to be written down. What the operation does not declare means nothing to it. */
const keyOf = (fingerprint: string, { document, operation, variables }: Operation): string | null => {
  const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  try {
    const given = declared.map((name) =>
      Object.hasOwn(variables, name) ? [name, canonical(variables[name])] : [name],
    );
    return `operation:${fingerprint}:${hashOf(document)}:${operation.name?.value ?? ''}:${hash(JSON.stringify(given))}`;
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

/** Null for what is too old, and for what is no answer: a store may hold anything. */
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

/** How long ago the answer to this request was made, in seconds; 0 for one that was made for it. */
export const ageOf = (request: RequestContext): number => ages.get(request) ?? 0;

export interface OperationCacheOptions {
  readonly store: CacheStore;
  readonly policyOf: PolicyOf;
  /** Tells apart schemas that share a store. */
  readonly fingerprint: string;
  /** Milliseconds since 1970, as all replicas count them. */
  readonly now?: () => number;
}

/**
 * Answers public operations from the store, whole. Only such are kept whose every field is open to everybody and may be kept, so that
 * there is nothing to authorise before a hit; whatever counts against a limit runs every time. Answers with errors are not kept.
 */
export const withOperationCache =
  ({ store, policyOf, fingerprint, now = wallTime }: OperationCacheOptions) =>
  (run: Run): Run =>
  async (operation, request) => {
    const policy = policyOf(operation.document, operation.operation);
    if (policy.maxAge <= 0 || policy.isPrivate || policy.isLimited) return run(operation, request);
    const key = keyOf(fingerprint, operation);
    if (key === null) return run(operation, request);
    const [text] = await store.getMany([key]);
    const kept = text === undefined ? null : parsed(text, policy.maxAge, now());
    request.trace.record.cached(kept === null ? 'miss' : 'hit');
    if (kept !== null) {
      ages.set(request, kept.age);
      return { data: kept.data };
    }
    const result = await run(operation, request);
    // Nobody waits for the store to have it.
    if (result.errors === undefined && result.data) {
      const value = JSON.stringify({ at: now(), data: result.data });
      void store.setMany([{ key, value, ttlMs: policy.maxAge * 1_000 }]);
    }
    return result;
  };
