import type { GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { executed, graphOf } from '../../../test/support/execution/compiled-plan.ts';
import { executionOf, fieldOf, graphModule, selectionOf } from '../../../test/support/execution/hand-made-plan.ts';
import { FieldInfo } from './resolve-info.ts';

const SDL = 'type Query { products: [[Product]] } type Product { name(upper: Boolean): String }';

/** The keys of a path, from the root. */
const keysOf = (path: GraphQLResolveInfo['path'] | undefined): unknown[] =>
  path === undefined ? [] : [...keysOf(path.prev), path.key];

const infos: GraphQLResolveInfo[] = [];
const shop = graphModule('shop', SDL, {
  resolvers: {
    Query: { products: () => [[{}, null], [{}]] },
    Product: {
      name: (_row, _args, _context, info) => {
        infos.push(info);
        return keysOf(info.path).join('.');
      },
    },
  },
});

test('a resolver’s info has its path through lists and aliases', async () => {
  const { data } = await executed(graphOf(SDL, [shop]), '{ all: products { title: name } }');
  expect(JSON.parse(JSON.stringify(data))).toEqual({
    all: [[{ title: 'all.0.0.title' }, null], [{ title: 'all.1.0.title' }]],
  });
});

test('a resolver’s info names field, types, schema and operation', async () => {
  infos.length = 0;
  const text = 'query Page($upper: Boolean) { products { title: name(upper: $upper) } }';
  await executed(graphOf(SDL, [shop]), text, { upper: true });
  expect(infos[0]).toMatchObject({
    fieldName: 'name',
    parentType: { name: 'Product' },
    variableValues: { upper: true },
  });
  expect(String(infos[0]?.returnType)).toBe('String');
  expect(infos[0]?.schema).toBe(shop.schema);
  expect(infos[0]?.operation.name?.value).toBe('Page');
  expect(infos[0]?.fieldNodes.map(({ alias }) => alias?.value)).toEqual(['title']);
});

test('a join input has no position in the response: its path is its name', () => {
  const hidden = fieldOf(shop, 'Product.name', { joins: [] });
  const products = fieldOf(shop, 'Query.products', { selection: selectionOf(shop, 'Product', []) });
  const { execution } = executionOf([products]);
  const product = {};
  execution.data.products = [product];
  const { path } = new FieldInfo(execution, { ...hidden, joins: null }, product);
  expect(keysOf(path)).toEqual(['products', 0, 'name']);
  expect(new FieldInfo(execution, hidden, product).path).toEqual({ prev: undefined, key: 'name', typename: 'Product' });
});
