import { expect, test } from 'vitest';
import { graphOf } from '../../../test/support/execution/compiled-plan.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import { Owners } from './field-owners.ts';

const catalog = graphModule('catalog', 'type Query { product: Product } type Product { id: ID!  weight: Int }', {
  merge: { Product: { key: 'id', load: 'products' } },
});
const codes = graphModule('codes', 'type Query { code: ID } type Product { id: ID!  code: ID! }', {
  merge: { Product: { key: 'id' } },
});
const stock = graphModule('stock', 'type Query { count: Int } type Product { code: ID!  stock: Int  days: Int }', {
  merge: { Product: { key: 'code', needs: { days: ['weight'] } } },
});
const owners = new Owners(
  graphOf('type Query { product: Product  code: ID  count: Int } type Product { id: ID! }', [catalog, codes, stock]),
);

test('a root field belongs to the module that declares it', () => {
  expect(owners.ofRoot('Query', 'count')).toBe(stock);
  expect(owners.ofRoot('Query', 'unknown')).toBeUndefined();
});

test('a module provides the fields of its own rows, except those with needs', () => {
  expect(owners.provides(stock, 'Product', 'stock')).toBe(true);
  expect(owners.provides(stock, 'Product', 'days')).toBe(false);
  expect(owners.provides(stock, 'Product', 'weight')).toBe(false);
});

test('a join does not provide a field of its own key', () => {
  const modulesOf = (field: string) => owners.possibleJoins('Product', field).map(({ module }) => module.module.name);
  expect(modulesOf('code')).toEqual(['codes']);
  expect(modulesOf('id')).toEqual([]);
});
