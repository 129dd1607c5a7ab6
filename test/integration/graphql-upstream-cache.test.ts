import { join } from 'node:path';
import { defineBackend, graphql, remoteBatch } from 'tributary/backend';
import { scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { folderWith } from '../support/modules/module-folder.ts';
import { productModule, SERVICE, SERVICE_RESOLVERS } from '../support/modules/review-module.ts';

const cached = (scope: 'private' | 'public') => {
  const folder = folderWith({ 'reviews.graphql': SERVICE });
  const text = 'type Product { id: ID!, average: Float, reviews(first: Int): [Comment!]! } type Comment { id: ID! }';
  return defineBackend()({
    name: 'reviews',
    typeDefs: { text, file: join(folder, 'schema.graphql') },
    upstreams: {
      reviews: graphql({
        schema: './reviews.graphql',
        types: { Product: { from: 'Item' } },
        forward: scope === 'public' ? { headers: ['x-tenant'] } : { identity: 'token' },
      }),
    },
    loaders: () => ({ productById: remoteBatch('reviews', { field: 'itemsByIds', argument: 'ids' }) }),
    merge: { Product: { key: 'id', load: 'productById', cache: { ttlMs: 60_000, scope } } },
  });
};

const gatewayOf = (scope: 'private' | 'public', script = scripted().graphql(SERVICE_RESOLVERS)) => {
  const gateway = testBackend(
    cached(scope),
    { reviews: script },
    {
      beside: [productModule()],
      store: 'memory',
      headers: { authorization: 'Bearer t', 'x-tenant': 'acme' },
    },
  );
  return {
    ...gateway,
    runQuery: (query: string, variables = {}, user = 'a') =>
      gateway.query(query, variables, signedIn({ subject: user })),
  };
};

const AVERAGE = '{ product(id: "p1") { average } }';

test('a cached row is reused for the same selection of the same caller only', async () => {
  const { runQuery, calls } = gatewayOf('private');
  const callsOf = async (query: string, variables = {}, user = 'a') => {
    const before = calls.length;
    await runQuery(query, variables, user);
    return calls.length - before;
  };
  expect(await callsOf(AVERAGE)).toBe(1);
  expect(await callsOf(AVERAGE)).toBe(0);
  expect(await callsOf('{ product(id: "p1") { a: average } }')).toBe(0);
  expect(await callsOf('{ product(id: "p1") { average reviews { id } } }')).toBe(1);
  expect(await callsOf(AVERAGE, {}, 'b')).toBe(1);
});

test('arguments below a cached row are part of its key', async () => {
  const { runQuery } = gatewayOf('private');
  const query = 'query ($n: Int) { product(id: "p1") { reviews(first: $n) { id } } }';
  const idsOf = async (n: number) =>
    (await runQuery(query, { n })).data.product.reviews.map(({ id }: { id: string }) => id);
  expect([await idsOf(1), await idsOf(2), await idsOf(1)]).toEqual([['c1'], ['c1', 'c2'], ['c1']]);
});

test('a public row is shared by callers, and its call carries nothing of them', async () => {
  const tokens: unknown[] = [];
  const script = scripted().graphql(({ headers }) => {
    tokens.push(headers.authorization, headers['x-tenant']);
    return { data: { itemsByIds: [{ key__0: 'p1', average: 3 }] } };
  });
  const { runQuery, calls } = gatewayOf('public', script);
  expect((await runQuery(AVERAGE)).data).toEqual({ product: { average: 3 } });
  expect((await runQuery(AVERAGE, {}, 'b')).data).toEqual({ product: { average: 3 } });
  expect([calls.length, tokens]).toEqual([1, [undefined, undefined]]);
});

test('a row with an error is not cached', async () => {
  const script = scripted().graphql(() => ({
    data: { itemsByIds: [{ key__0: 'p1', average: null }] },
    errors: [{ message: 'x', path: ['itemsByIds', 0, 'average'] }],
  }));
  const { runQuery, calls } = gatewayOf('private', script);
  for (const _ of [1, 2]) expect((await runQuery(AVERAGE)).errors).toHaveLength(1);
  expect(calls).toHaveLength(2);
});
