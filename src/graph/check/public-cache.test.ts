import { expect, test } from 'vitest';
import { lines, reading, testModule } from '../../../test/support/modules/test-module.ts';
import type { BatchOptions } from '../../backend/define/batch.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import { rest } from '../../backend/define/upstream-options.ts';
import { problemsInModules } from './check-modules.ts';
import { wrongCacheDirectives } from './directives.ts';

const SDL = `type Query { products: [Product!] }
type Product { id: ID! name: String }
type Offer { id: ID! }`;

const PUBLIC = { ttlMs: 1_000, scope: 'public' } as const;

const module = (cache: BatchOptions['cache'], more: Partial<SchemaModule> = {}): Parameters<typeof testModule> => [
  'a',
  SDL,
  {
    upstreams: { api: rest(), people: rest({ forward: { identity: 'token' } }) },
    loaders: () => ({ productById: { load: async () => new Map(), keyOf: String, maxSize: 1, cache: cache ?? null } }),
    ...more,
  },
];

const problemsOf = (...args: Parameters<typeof module>) => lines(wrongCacheDirectives(reading(...module(...args))));

const WITH_IDENTITY =
  "the identity of the caller is forwarded to upstream people: remove scope: 'public', or remove forward.identity";

test('a public cache is rejected if an upstream of the module receives the identity of the caller', () => {
  expect(problemsOf(PUBLIC)).toEqual([`a/index.ts: the cache in loader productById is public, but ${WITH_IDENTITY}`]);
});

test('a public cache in merge is rejected too', () => {
  const merge = { Product: { key: 'id', load: 'productById', cache: PUBLIC } };
  expect(problemsOf(undefined, { merge })).toEqual([
    `a/index.ts: the cache in merge of Product is public, but ${WITH_IDENTITY}`,
  ]);
});

test('a private cache may have such an upstream, and a public cache may have upstreams without identity', () => {
  expect(problemsOf({ ttlMs: 1_000 })).toEqual([]);
  expect(problemsOf({ ttlMs: 1_000, scope: 'private' })).toEqual([]);
  const upstreams = { api: rest(), near: rest({ forward: { client: true, headers: ['accept-language'] } }) };
  expect(problemsOf(PUBLIC, { upstreams })).toEqual([]);
});

test('a public cache is rejected if an upstream of the module receives tokens of the caller', () => {
  expect(problemsOf(PUBLIC, { upstreams: { api: rest(), notes: rest({ auth: { internalToken: {} } }) } })).toEqual([
    "a/index.ts: the cache in loader productById is public, but upstream notes receives tokens of the caller: remove scope: 'public', or use auth that is the same for all callers",
  ]);
});

test.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])('a cache for %d ms is rejected', (ttlMs) => {
  expect(problemsOf({ ttlMs })).toEqual([
    `a/index.ts: ttlMs of the cache in loader productById is ${ttlMs}: use a number of milliseconds above 0`,
  ]);
});

test('two caches for one loader are rejected', () => {
  const merge = {
    Product: { key: 'id', load: 'productById', cache: { ttlMs: 1_000 } },
    Offer: { key: 'id', load: 'productById', cache: { ttlMs: 2_000 } },
  };
  expect(problemsOf({ ttlMs: 1_000 }, { merge })).toEqual([
    'a/index.ts: loader productById, merge of Product and merge of Offer each set a cache for productById: set it in one place',
  ]);
  expect(problemsOf(undefined, { merge })).toHaveLength(1);
  expect(problemsOf(undefined, { merge: { Product: merge.Product } })).toEqual([]);
});

test('a cache in a merge without loader is rejected', () => {
  expect(problemsOf(undefined, { merge: { Product: { key: 'id', cache: { ttlMs: 1_000 } } } })).toEqual([
    'a/index.ts: merge of Product has a cache, but no loader: name a loader in load, or set the cache where the loader is defined',
  ]);
});

test('problems of caches stop the start', () => {
  expect(problemsInModules([testModule(...module(PUBLIC))]).join('\n')).toContain(WITH_IDENTITY);
});
