import { expect, test } from 'vitest';
import type { BatchOptions } from '../../backend/batch.ts';
import type { SchemaModule } from '../../backend/module.ts';
import { rest } from '../../backend/upstreams.ts';
import { mistakesIn } from './mistakes.ts';
import { wrongCaching } from './public-cache.ts';
import { lines, reading, testModule } from './test-module.ts';

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

const told = (...args: Parameters<typeof module>) => lines(wrongCaching(reading(...module(...args))));

const WITH_IDENTITY = "upstream people is told who asks: leave scope: 'public' away, or take forward.identity away";

test('a public cache in a module that tells any upstream who asks is a mistake', () => {
  expect(told(PUBLIC)).toEqual([`a/index.ts: the cache in loader productById is public, but ${WITH_IDENTITY}`]);
});

test('so is one that a merge makes public', () => {
  const merge = { Product: { key: 'id', load: 'productById', cache: PUBLIC } };
  expect(told(undefined, { merge })).toEqual([
    `a/index.ts: the cache in merge of Product is public, but ${WITH_IDENTITY}`,
  ]);
});

test('a private cache may have such an upstream, and a public one upstreams that know nothing, or only headers', () => {
  expect(told({ ttlMs: 1_000 })).toEqual([]);
  expect(told({ ttlMs: 1_000, scope: 'private' })).toEqual([]);
  const upstreams = { api: rest(), near: rest({ forward: { client: true, headers: ['accept-language'] } }) };
  expect(told(PUBLIC, { upstreams })).toEqual([]);
});

test.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])('a cache for %d ms is a mistake', (ttlMs) => {
  expect(told({ ttlMs })).toEqual([
    `a/index.ts: ttlMs of the cache in loader productById is ${ttlMs}: give a number of milliseconds above 0`,
  ]);
});

test('a loader has its cache from one place', () => {
  const merge = {
    Product: { key: 'id', load: 'productById', cache: { ttlMs: 1_000 } },
    Offer: { key: 'id', load: 'productById', cache: { ttlMs: 2_000 } },
  };
  expect(told({ ttlMs: 1_000 }, { merge })).toEqual([
    'a/index.ts: loader productById, merge of Product and merge of Offer each say how long what productById finds is kept: say it in one place',
  ]);
  expect(told(undefined, { merge })).toHaveLength(1);
  expect(told(undefined, { merge: { Product: merge.Product } })).toEqual([]);
});

test('a merge without a loader has nothing to keep', () => {
  expect(told(undefined, { merge: { Product: { key: 'id', cache: { ttlMs: 1_000 } } } })).toEqual([
    'a/index.ts: merge of Product has a cache, but no loader to keep anything of: name it in load, or write the cache where a loader is defined',
  ]);
});

test('they are among the mistakes that keep the gateway from starting', () => {
  expect(mistakesIn([testModule(...module(PUBLIC))]).join('\n')).toContain(WITH_IDENTITY);
});
