import { expect, test } from 'vitest';
import { graphOf } from '../../../test/support/execution/compiled-plan.ts';
import { graphModule } from '../../../test/support/execution/hand-made-plan.ts';
import { joinName, Owners } from './field-owners.ts';

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

/** Names of the modules that provide a field of a row with these fields. */
const reachable = (field: string, ...onRow: readonly string[]): string[] =>
  owners.reachable('Product', field, (name) => onRow.includes(name)).map(({ module }) => module.name);

test('a root field belongs to the module that declares it', () => {
  expect(owners.ofRoot('Query', 'count')).toBe(stock);
  expect(owners.ofRoot('Query', 'unknown')).toBeUndefined();
});

test('a module provides the fields of its own rows, except those with needs', () => {
  expect(owners.provides(stock, 'Product', 'stock')).toBe(true);
  expect(owners.provides(stock, 'Product', 'days')).toBe(false);
  expect(owners.provides(stock, 'Product', 'weight')).toBe(false);
});

test('a module is reachable once its key is on the row or another module provides it', () => {
  expect(reachable('stock', 'code')).toEqual(['stock']);
  expect(reachable('stock', 'id')).toEqual(['stock']);
  expect(reachable('stock')).toEqual([]);
});

test('a field with needs is reachable only with its needs', () => {
  expect(reachable('days', 'code', 'weight')).toEqual(['stock']);
  // catalog provides the weight by id.
  expect(reachable('days', 'id')).toEqual(['stock']);
  expect(reachable('days', 'code')).toEqual([]);
});

test('a module does not provide its own key, and a join in progress provides nothing', () => {
  expect(reachable('code', 'id')).toEqual(['codes']);
  expect(reachable('id', 'code')).toEqual([]);
  expect(owners.reachable('Product', 'code', () => true, [joinName(codes, [])])).toEqual([]);
});
