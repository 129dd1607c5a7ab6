import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { conflictingEntityFields } from './entity-fields.ts';

const merged = { merge: { Product: { key: 'id' } } };
const problemsOf = (...readings: ReturnType<typeof reading>[]) => lines(conflictingEntityFields(readings));

test('a key field with different types is rejected', () => {
  expect(
    problemsOf(
      reading('catalog', 'type Product { id: ID! }', merged),
      reading('orders', 'type Product { id: Int! }'),
      reading('reviews', 'type Product { id(old: Boolean): ID! }'),
    ),
  ).toEqual([
    'orders/schema.graphql:1:16: the key Product.id is Int! in orders and ID! in catalog (schema/catalog/schema.graphql:1:16): ' +
      'use the same type in both',
    'reviews/schema.graphql:1:16: the key Product.id is (old: Boolean): ID! in reviews and ID! in catalog ' +
      '(schema/catalog/schema.graphql:1:16): use the same type in both',
  ]);
});

test('a field of a module without merge is rejected on a type of several modules', () => {
  expect(
    problemsOf(
      reading('catalog', 'type Product { id: ID! }', merged),
      reading('orders', 'type Product { id: ID! ordered: Int }'),
    ),
  ).toEqual([
    'orders/schema.graphql:1:24: Product.ordered cannot be loaded for a Product of another module: ' +
      'merge Product in orders too, by id, or remove the field',
  ]);
});

const namespace = { merge: { Reports: { key: [] } } };

test('several modules may have fields of a type without a key, each its own', () => {
  expect(
    problemsOf(
      reading('sales', 'type Reports { sales: Int }', namespace),
      reading('stock', 'type Reports { stock: Int }', namespace),
    ),
  ).toEqual([]);
  expect(
    problemsOf(
      reading('sales', 'type Reports { sales: Int }', namespace),
      reading('stock', 'type Reports { sales: Int }', namespace),
      reading('trips', 'type Reports { trips: Int }'),
      reading('users', 'type Reports { id: ID! users: Int }', { merge: { Reports: { key: 'id' } } }),
    ),
  ).toEqual([
    expect.stringContaining(
      'sales/index.ts: merge has Reports without a key, but another module has the key id: use a',
    ),
    expect.stringContaining(
      'stock/index.ts: merge has Reports without a key, but another module has the key id: use a',
    ),
    expect.stringContaining('trips/schema.graphql:1:16: Reports.trips cannot be loaded for a Reports of another'),
  ]);
  expect(
    problemsOf(
      reading('sales', 'type Reports { sales: Int }', namespace),
      reading('trips', 'type Reports { trips: Int }'),
    ),
  ).toEqual([expect.stringContaining('merge Reports in trips too, with key: [], or remove the field')]);
});

test('several modules may have the key fields, and each its own other fields', () => {
  expect(
    problemsOf(
      reading('catalog', 'type Product { id: ID! sku: ID! name: String }', merged),
      reading('prices', 'type Product { sku: ID! price: Int }', { merge: { Product: { key: 'sku' } } }),
      reading('orders', 'type Product { id: ID! sku: ID! }'),
    ),
  ).toEqual([]);
});
