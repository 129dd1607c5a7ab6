import { batch } from 'tributary/backend';
import { expect, test } from 'vitest';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

const catalog = plain('catalog', 'type Query { product: Product } type Product { id: ID! }', {
  merge: { Product: { key: 'id' } },
  resolvers: { Query: { product: () => ({ id: 'p1' }) } },
});

/** A module with `keys` of products, and a field of `Query` that reads the row that a product returned for `query`. */
const shop = (keys: readonly string[]) =>
  plain('shop', 'type Query { region: String } type Product { id: ID! code: ID query: Query }', {
    merge: { Product: { keys: keys.map((key) => ({ key, load: 'byKey' })) } },
    loaders: () => ({
      byKey: batch(async (ids: readonly unknown[]) => new Map(ids.map((id) => [id, { id, at: id }]))),
    }),
    resolvers: {
      Query: { region: (row) => (row === undefined ? 'everywhere' : String(Reflect.get(Object(row), 'region'))) },
      Product: { query: () => ({ region: 'here' }) },
    },
  });

const QUERY = '{ product { query { region } } }';

test.each(EXECUTIONS)('%s: a field of Query below an entity of one key receives its row', async (by) => {
  expect(await executedBy(by, [catalog, shop(['id'])])(QUERY)).toEqual({
    data: { product: { query: { region: 'here' } } },
    errors: undefined,
  });
});

test('delegation passes no row to a field of Query below an entity that was joined by a further key', async () => {
  const modules = [catalog, shop(['code', 'id'])];
  const dataOf = async (by: 'compiled' | 'reference') => (await executedBy(by, modules)(QUERY)).data;
  expect(await dataOf('compiled')).toEqual({ product: { query: { region: 'here' } } });
  expect(await dataOf('reference')).toEqual({ product: { query: { region: 'everywhere' } } });
});
