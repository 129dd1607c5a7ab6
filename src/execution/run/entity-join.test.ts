import { expect, test } from 'vitest';
import { errorLines, executed, graphOf } from '../../../test/support/execution/compiled-plan.ts';
import { guardBy } from '../../../test/support/execution/guard-by.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import { batch } from '../../backend/define/batch.ts';
import type { Guard } from '../graph.ts';

/** Names of the loaders and their keys, in the order of their calls. */
const calls: string[] = [];

const products: Record<string, unknown> = {
  p1: { id: 'P1', name: 'Pen', weight: 1 },
  p2: { id: 'p2', name: 'Ink', weight: 2 },
  bad: new Error('unreadable'),
};

const rows: unknown[] = [];

const orders = graphModule(
  'orders',
  'type Query { products: [Product] } type Product { id: ID  code: ID  size: Int }',
  {
    resolvers: { Query: { products: () => rows } },
    merge: { Product: { key: 'id' } },
  },
);

const catalog = graphModule('catalog', 'type Product { id: ID  name: String  must: Int!  weight: Int }', {
  merge: { Product: { key: 'id', load: 'productById' } },
  loaders: () => ({
    productById: batch(async (ids: readonly unknown[]) => {
      calls.push(`productById ${JSON.stringify(ids)}`);
      return new Map(ids.map((id) => [id, products[String(id)]]));
    }),
  }),
});

const shipping = graphModule('shipping', 'type Product { id: ID  days: Int  seen: String }', {
  merge: { Product: { key: 'id', needs: { days: ['weight', 'size'] } } },
  resolvers: {
    Product: {
      days: (row) => {
        calls.push(`days ${JSON.stringify(row)}`);
        return 3;
      },
      seen: (row) => JSON.stringify(row),
    },
  },
});

const pairs = graphModule('pairs', 'type Product { id: ID  code: ID  pair: String }', {
  merge: { Product: { key: ['id', 'code'], load: 'pairOf' } },
  loaders: () => ({
    pairOf: batch(
      async (keys: readonly unknown[]) => {
        calls.push(`pairOf ${JSON.stringify(keys)}`);
        return new Map(keys.map((key) => [JSON.stringify(key), { pair: 'found' }]));
      },
      { key: (key) => JSON.stringify(key) },
    ),
  }),
});

const SDL = `
  type Query { products: [Product] }
  type Product {
    id: ID  code: ID  size: Int  name: String  must: Int!  weight: Int  days: Int  seen: String  pair: String
  }
`;

/** Requests fields of these rows: the answer, its errors, and the calls that it took. */
const joined = async (fields: string, of: readonly unknown[], guards: Record<string, Guard> = {}) => {
  calls.length = 0;
  rows.splice(0, rows.length, ...of);
  const graph = graphOf(SDL, [orders, catalog, shipping, pairs], {
    guardOf: (coordinate) => guards[coordinate] ?? null,
  });
  const result = await executed(graph, `{ products { ${fields} } }`);
  return { products: JSON.parse(JSON.stringify(result.data?.products)), errors: errorLines(result), calls: [...calls] };
};

test('one load serves all rows, with each key once; a single key field is passed as a bare value', async () => {
  const answer = await joined('name', [{ id: 'p1' }, { id: 'p2' }, { id: 'p1' }]);
  expect(answer.products).toEqual([{ name: 'Pen' }, { name: 'Ink' }, { name: 'Pen' }]);
  expect(answer.calls).toEqual(['productById ["p1","p2"]']);
});

test('a key of several fields is passed as an object', async () => {
  const answer = await joined('pair', [{ id: 'p1', code: 'c' }]);
  expect([answer.products, answer.calls]).toEqual([[{ pair: 'found' }], ['pairOf [{"id":"p1","code":"c"}]']]);
});

test('a missing entity is null in nullable fields, and NOT_FOUND in non-null ones', async () => {
  const nullable = await joined('id name', [{ id: 'gone' }, { id: 'p2' }]);
  expect(nullable.products).toEqual([
    { id: 'gone', name: null },
    { id: 'p2', name: 'Ink' },
  ]);
  expect(nullable.errors).toEqual([]);
  const strict = await joined('must', [{ id: 'gone' }]);
  expect([strict.products, strict.errors]).toEqual([[null], ['products.0.must: Not found.']]);
});

test('a row without its key is a row without the entity, and its key is not requested', async () => {
  const answer = await joined('name', [{ id: null }, { id: 'p2' }]);
  expect(answer.products).toEqual([{ name: null }, { name: 'Ink' }]);
  expect(answer.calls).toEqual(['productById ["p2"]']);
});

test('an entity that fails to load fails every field of its row in that module, and no other row', async () => {
  const answer = await joined('id name weight', [{ id: 'bad' }, { id: 'p2' }]);
  expect(answer.products[0]).toEqual({ id: 'bad', name: null, weight: null });
  expect(answer.products[1]).toEqual({ id: 'p2', name: 'Ink', weight: 2 });
  expect(answer.errors).toEqual(['products.0.name: unreadable', 'products.0.weight: unreadable']);
});

test('a key that fails to be read fails the joined fields', async () => {
  const answer = await joined('name', [{ id: () => Promise.reject(new Error('no key')) }, { id: async () => 'p2' }]);
  expect(answer.products).toEqual([{ name: null }, { name: 'Ink' }]);
  expect(answer.errors).toEqual(['products.0.name: no key']);
});

test('a join waits for the needs that another join provides', async () => {
  const answer = await joined('days', [{ id: 'p1', size: 5 }]);
  expect(answer.products).toEqual([{ days: 3 }]);
  expect(answer.calls).toEqual(['productById ["p1"]', 'days {"id":"p1","weight":1,"size":5}']);
});

test('a need of an entity that is missing is null, and those of other rows stay at their rows', async () => {
  const answer = await joined('days', [
    { id: 'gone', size: 5 },
    { id: 'p1', size: 6 },
  ]);
  expect(answer.calls).toEqual([
    'productById ["gone","p1"]',
    'days {"id":"gone","weight":null,"size":5}',
    'days {"id":"p1","weight":1,"size":6}',
  ]);
});

test('a need that fails to load fails the field that is computed from it', async () => {
  const answer = await joined('days', [{ id: 'bad', size: 5 }]);
  expect([answer.products, answer.errors]).toEqual([[{ days: null }], ['products.0.days: unreadable']]);
  expect(answer.calls).toEqual(['productById ["bad"]']);
});

test('without a loader the join input is the entity', async () => {
  expect((await joined('seen', [{ id: 'p1', size: 5 }])).products).toEqual([{ seen: '{"id":"p1"}' }]);
});

test('the key of the row wins over the key that the backend returns', async () => {
  const upper = graphModule('upper', 'type Product { id: ID  label: String }', {
    merge: { Product: { key: 'id', load: 'productById' } },
    loaders: catalog.module.loaders,
    resolvers: { Product: { label: (row) => `label of ${Reflect.get(Object(row), 'id')}` } },
  });
  rows.splice(0, rows.length, { id: 'p1' });
  const graph = graphOf('type Query { products: [Product] } type Product { id: ID  label: String }', [orders, upper]);
  const { data } = await executed(graph, '{ products { label } }');
  expect(JSON.stringify(data)).toBe('{"products":[{"label":"label of p1"}]}');
});

const forbidden = guardBy(() => new Error('forbidden'));

test('a refused field fails; the other fields of its join are loaded', async () => {
  const answer = await joined('name weight', [{ id: 'p1' }], { 'Product.weight': forbidden });
  expect([answer.products, answer.errors]).toEqual([[{ name: 'Pen', weight: null }], ['products.0.weight: forbidden']]);
});

test('a join with refused fields only calls no backend, although another join reads its key', async () => {
  const answer = await joined('name seen', [{ id: 'p1' }], { 'Product.name': forbidden });
  expect(answer.products).toEqual([{ name: null, seen: '{"id":"p1"}' }]);
  expect(answer.calls).toEqual([]);
});

test('inputs that only a refused field needs are neither read nor loaded', async () => {
  const row = {
    id: () => {
      calls.push('id');
      return 'p1';
    },
    size: 5,
  };
  const answer = await joined('days', [row], { 'Product.days': forbidden });
  expect([answer.products, answer.errors]).toEqual([[{ days: null }], ['products.0.days: forbidden']]);
  expect(answer.calls).toEqual([]);
});
