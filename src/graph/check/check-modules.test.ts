import { expect, test } from 'vitest';
import { testModule } from '../../../test/support/modules/test-module.ts';
import { problemsInModules } from './check-modules.ts';

const resolve = () => null;

test('a module with a syntax error hides no other problem, its own or another module’s', () => {
  const broken = testModule('broken', 'type Query { a: ', { errors: { oops: 'Oops' } });
  const catalog = testModule('catalog', 'type Query {\n  product: Prodct\n}', {
    merge: { Gone: { key: 'id' } },
    resolvers: { Query: { product: resolve } },
  });
  expect(problemsInModules([catalog, broken])).toEqual([
    expect.stringContaining('schema/broken/index.ts: errors has "oops"'),
    expect.stringContaining('schema/broken/schema.graphql:1:17: Syntax Error'),
    expect.stringContaining('schema/catalog/index.ts: merge names Gone'),
    expect.stringContaining('schema/catalog/schema.graphql:2:12: Unknown type "Prodct"'),
  ]);
});

test('a problem is one line, even with a message of several lines', () => {
  const loaders = () => {
    throw new Error('first line\n  second line');
  };
  expect(
    problemsInModules([testModule('a', 'type Query { a: Int }', { loaders, resolvers: { Query: { a: resolve } } })]),
  ).toEqual([expect.stringContaining('loaders() failed (first line second line): ')]);
});

test('a file outside the current folder is shown with its absolute path', () => {
  const module = { ...testModule('a', ''), typeDefs: { text: '', file: '/elsewhere/a/schema.graphql' } };
  expect(problemsInModules([module])).toEqual([
    expect.stringContaining('/elsewhere/a/schema.graphql:1:1: Syntax Error'),
  ]);
});

test('modules that fit together have no problems', () => {
  const merge = { Product: { key: 'id' } };
  expect(
    problemsInModules([
      testModule('catalog', 'type Query { product: Product } type Product { id: ID! at: DateTime }', {
        merge,
        resolvers: { Query: { product: resolve } },
      }),
      testModule('stock', 'type Product { id: ID! units: Int }', { merge }),
      testModule('orders', 'type Query { ordered: [Product!] } type Product { id: ID! }', {
        resolvers: { Query: { ordered: resolve } },
      }),
    ]),
  ).toEqual([]);
});
