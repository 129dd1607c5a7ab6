import { getIntrospectionQuery, graphql, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { propertyOf } from '../../src/core/property.ts';
import { composeGraph } from '../../src/graph/build-gateway.ts';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { plain } from '../support/modules/small-modules.ts';

const catalog = plain(
  'catalog',
  `type Query { product: Product }
   type Product { id: ID! name: String! weight: Int! @inaccessible }`,
  {
    resolvers: { Query: { product: () => ({ id: 'p1', name: 'Lamp', weight: 1_500 }) } },
    merge: { Product: { key: 'id' } },
  },
);

const shipping = plain('shipping', 'type Product { id: ID! postage: String! }', {
  merge: { Product: { key: 'id', needs: { postage: ['weight'] } } },
  resolvers: {
    Product: { postage: (row) => `${propertyOf(Object(row), 'id')}: ${propertyOf(Object(row), 'weight')} g` },
  },
});

test('the client schema has no hidden field, in introspection neither', async () => {
  const { graph } = composeGraph([catalog, shipping]);
  expect(printSchema(graph.schema)).not.toContain('weight');
  const { data } = await graphql({ schema: graph.schema, source: getIntrospectionQuery() });
  expect(JSON.stringify(data)).not.toMatch(/weight|inaccessible/);
});

test.each(EXECUTIONS)(
  '%s: a hidden field is an input of another module, and clients cannot query it',
  async (execution) => {
    const runQuery = executedBy(execution, [catalog, shipping]);
    expect(await runQuery('{ product { name postage } }')).toEqual({
      data: { product: { name: 'Lamp', postage: 'p1: 1500 g' } },
      errors: undefined,
    });
    const { errors } = await runQuery('{ product { weight } }');
    expect(errors?.map(({ message }) => message)).toEqual(['Cannot query field "weight" on type "Product".']);
  },
);

test.each(EXECUTIONS)('%s: a hidden key joins modules', async (execution) => {
  const rows = [{ sku: 's1', id: 'p1' }];
  const shop = plain('shop', 'type Query { item: Item } type Item { id: ID! sku: ID! @inaccessible }', {
    resolvers: { Query: { item: () => rows[0] } },
  });
  const stock = plain('stock', 'type Item { sku: ID! available: String! }', {
    merge: { Item: { key: 'sku' } },
    resolvers: { Item: { available: (row) => `of ${propertyOf(Object(row), 'sku')}` } },
  });
  const runQuery = executedBy(execution, [{ ...shop, merge: { Item: { key: 'sku' } } }, stock]);
  expect(await runQuery('{ item { id available } }')).toEqual({
    data: { item: { id: 'p1', available: 'of s1' } },
    errors: undefined,
  });
});
