import { Kind, parse } from 'graphql';
import { batch, rest, type SchemaModule } from 'tributary/backend';
import { expect, test } from 'vitest';
import { cacheKnowledge } from '../../src/graph/apollo/operation-cache.ts';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { cachePolicyOf } from '../../src/graph/directives/cache-policy.ts';
import { explainer } from '../../src/graph/explain/explain.ts';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

/** Calls of resolvers and loaders, in order. */
const calls: string[] = [];

const NOT_TODAY = new Error('not today');

const ROWS = [
  {
    id: 'p1',
    price: { units: 3, nanos: 5, tags: ['a', null], note: 'internal' },
    parts: [{ id: 'x' }, null, { id: 'y' }],
    seller: { id: 's1' },
  },
  { id: 'p2', price: null, parts: null, seller: null },
  { id: 'p3', price: { units: NOT_TODAY, nanos: 1, tags: [] }, parts: [], seller: { id: 'gone' } },
  { id: 'p4', price: { units: 1, nanos: NOT_TODAY, tags: [] }, parts: [], seller: null },
];

const catalog = plain(
  'catalog',
  `type Query { products(first: Int = 4): [Product] }
   type Product {
     id: ID!
     price: Price @inaccessible
     parts: [Part]
     seller: Seller
     rating(scale: Int = 10, of: [Kind!] = [ALL]): String
   }
   type Price { units: Int  nanos: Int!  tags: [String]  note: String @authenticated }
   type Part { id: ID!  size: Int }
   type Seller { id: ID!  name: String }
   enum Kind { ALL NEW }`,
  {
    merge: { Product: { key: 'id' }, Seller: { key: 'id', load: 'sellerById' } },
    loaders: () => ({
      sellerById: batch(async (ids: readonly unknown[]) => {
        calls.push(`sellerById ${ids.join(' ')}`);
        return new Map<unknown, unknown>([['s1', { name: 'Ada' }]]);
      }),
    }),
    resolvers: {
      Query: { products: (_root, args) => ROWS.slice(0, Number(Reflect.get(Object(args), 'first'))) },
      Product: { rating: (_row, args) => JSON.stringify(args) },
      Part: { size: async (row) => (Reflect.get(Object(row), 'id') === 'y' ? Promise.reject(NOT_TODAY) : 7) },
    },
  },
);

const shown = (row: unknown) => {
  const { id, ...needed } = Object(row);
  return `${id} ${JSON.stringify(needed)}`;
};

const shopNeeding = (...needs: string[]): SchemaModule =>
  plain('shop', 'type Product { id: ID!  shown: String }', {
    merge: { Product: { key: 'id', needs: { shown: needs } } },
    resolvers: { Product: { shown } },
  });

const shownBy = async (execution: (typeof EXECUTIONS)[number], needs: readonly string[], first = 4) => {
  calls.length = 0;
  const { data, errors } = await executedBy(execution, [catalog, shopNeeding(...needs)])(
    `{ products(first: ${first}) { shown } }`,
  );
  const lines = (errors ?? []).map(({ path, message }) => `${path?.join('.')}: ${message}`);
  return { shown: data?.products.map((row: { shown: string }) => row.shown), errors: lines, calls: [...calls] };
};

test.each(EXECUTIONS)('%s: a needed object has the selected fields; a failed one is null if it may be', async (by) => {
  expect(await shownBy(by, ['price { units nanos tags }'])).toEqual({
    shown: [
      'p1 {"price":{"units":3,"nanos":5,"tags":["a",null]}}',
      'p2 {"price":null}',
      'p3 {"price":{"units":null,"nanos":1,"tags":[]}}',
      null,
    ],
    errors: ['products.3.shown: Internal server error'],
    calls: [],
  });
});

test.each(EXECUTIONS)('%s: a needed list waits for the fields below, with nulls where it has them', async (by) => {
  expect((await shownBy(by, ['bits: parts { key: id size }'], 2)).shown).toEqual([
    'p1 {"bits":[{"key":"x","size":7},null,{"key":"y","size":null}]}',
    'p2 {"bits":null}',
  ]);
});

test.each(EXECUTIONS)('%s: references below a needed field are loaded with one call', async (by) => {
  expect(await shownBy(by, ['seller { id name }', 'price { units }'])).toMatchObject({
    shown: [
      'p1 {"seller":{"id":"s1","name":"Ada"},"price":{"units":3}}',
      'p2 {"seller":null,"price":null}',
      'p3 {"seller":{"id":"gone","name":null},"price":{"units":null}}',
      'p4 {"seller":null,"price":{"units":1}}',
    ],
    calls: ['sellerById s1 gone'],
  });
});

test.each(EXECUTIONS)('%s: needs of one field may be of several modules', async (by) => {
  const boxes = plain('boxes', 'type Product { id: ID!  box: Box  weight: Int } type Box { width: Int }', {
    merge: { Product: { key: 'id', load: 'boxById' } },
    loaders: () => ({
      boxById: batch(
        async (ids: readonly unknown[]) => new Map(ids.map((id) => [id, { box: { width: 8 }, weight: 2 }])),
      ),
    }),
  });
  const runQuery = executedBy(by, [
    catalog,
    boxes,
    shopNeeding('price { units }', 'box { width }', 'weight', 'rating'),
  ]);
  expect((await runQuery('{ products(first: 1) { shown } }')).data?.products[0].shown).toMatch(
    /^p1 {"price":{"units":3},"box":{"width":8},"weight":2,"rating":/,
  );
});

test.each(EXECUTIONS)('%s: arguments are literals, and two values of one field have two names', async (by) => {
  const needs = ['rating', 'five: rating(scale: 5)', 'fresh: rating(of: [NEW])'];
  expect((await shownBy(by, needs, 1)).shown).toEqual([
    `p1 ${JSON.stringify({
      rating: JSON.stringify({ scale: 10, of: ['ALL'] }),
      five: JSON.stringify({ scale: 5, of: ['ALL'] }),
      fresh: JSON.stringify({ scale: 10, of: ['NEW'] }),
    })}`,
  ]);
});

test.each(EXECUTIONS)('%s: a computed field has the requirements of every field below those it needs', async (by) => {
  const runQuery = executedBy(by, [catalog, shopNeeding('price { note }')]);
  const { data, errors } = await runQuery('{ products(first: 1) { id shown } }');
  expect(data?.products).toEqual([{ id: 'p1', shown: null }]);
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UNAUTHENTICATED']);
});

test.each(EXECUTIONS)('%s: two modules need different values under one name', async (by) => {
  const other: SchemaModule = {
    ...plain('other', 'type Product { id: ID!  seen: String }', {
      merge: { Product: { key: 'id', needs: { seen: ['it: rating(scale: 1)'] } } },
      resolvers: { Product: { seen: (row) => Reflect.get(Object(row), 'it') } },
    }),
  };
  const runQuery = executedBy(by, [catalog, shopNeeding('it: rating(scale: 2)'), other]);
  const { data, errors } = await runQuery('{ products(first: 1) { shown seen } }');
  expect(errors).toBeUndefined();
  expect(JSON.stringify(data)).toContain('scale\\":1');
  expect(JSON.stringify(data)).toContain('scale\\\\\\":2');
});

test('the plan has the fields below a needed one, without their requirements', () => {
  const { composition, graph } = composeGraph([catalog, shopNeeding('price { note }', 'five: rating(scale: 5)')]);
  const document = parse('{ products { shown } }');
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const text = explainer(graph, composition.authorization)(document, operation, {});
  expect(String(text).split('\n').slice(3, 10)).toEqual([
    '      products [Product]          catalog  resolver',
    '        (price { note })          catalog  property, for shop',
    '          note                    catalog  property',
    '        (five: rating(scale: 5))  catalog  resolver, for shop',
    '        join                      shop     by id, no loader, needs price { note }, five:',
    '                                           rating(scale: 5)',
    '          shown                   shop     resolver, requires authentication',
  ]);
});

test('the answer is as private, and as short-lived, as the fields that a computed field reads', () => {
  const query = (price: string, upstreams: SchemaModule['upstreams'] = {}) => {
    const stock = plain(
      'stock',
      `type Product @cacheControl(maxAge: 50) { id: ID!  price: Price ${price} } type Price { units: Int }`,
      { merge: { Product: { key: 'id' } } },
    );
    const shop = plain(
      'shop',
      `type Query { product: Product @cacheControl(maxAge: 60) }
       type Product @cacheControl(maxAge: 60) { id: ID!  shown: String }`,
      {
        merge: { Product: { key: 'id', needs: { shown: ['price { units }'] } } },
        resolvers: { Product: { shown: () => '' } },
      },
    );
    const { composition, graph } = composeGraph([{ ...stock, upstreams }, shop]);
    const document = parse('{ product { shown } }');
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
    const { maxAge, isPrivate } = cachePolicyOf(cacheKnowledge(composition, graph.schema), document, operation);
    return { maxAge, isPrivate };
  };
  expect(query('')).toEqual({ maxAge: 50, isPrivate: false });
  expect(query('@cacheControl(maxAge: 5)')).toEqual({ maxAge: 5, isPrivate: false });
  expect(query('@cacheControl(scope: PRIVATE)')).toEqual({ maxAge: 50, isPrivate: true });
  expect(query('', { api: rest({ forward: { identity: 'token' } }) })).toEqual({ maxAge: 50, isPrivate: true });
});

test('a field that is computed from a computed one has the requirements of both', () => {
  const first = plain('first', 'type Product { id: ID!  a: String }', {
    merge: { Product: { key: 'id', needs: { a: ['price { note }'] } } },
    resolvers: { Product: { a: () => 'a' } },
  });
  const second = plain('second', 'type Product { id: ID!  b: String }', {
    merge: { Product: { key: 'id', needs: { b: ['a'] } } },
    resolvers: { Product: { b: () => 'b' } },
  });
  const { composition } = composeGraph([catalog, first, second]);
  expect(composition.authorization.requirements.get('Product.b')?.authenticated).toBe(true);
});
