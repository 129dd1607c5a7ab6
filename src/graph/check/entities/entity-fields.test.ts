import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { conflictingEntityFields } from './entity-fields.ts';

const merged = { merge: { Product: { key: 'id' } } };
const problemsOf = (...readings: ReturnType<typeof reading>[]) => lines(conflictingEntityFields(readings));

test('a field outside the key in two modules is rejected', () => {
  expect(
    problemsOf(
      reading('catalog', 'type Product { id: ID! name: String }', merged),
      reading('reviews', 'type Product { id: ID! name: String stars: Int }', merged),
    ),
  ).toEqual([
    'reviews/schema.graphql:1:24: Product.name is defined by reviews and by catalog (schema/catalog/schema.graphql:1:24): ' +
      'remove it from one of them',
  ]);
});

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

test('several modules may have the key fields, and each its own other fields', () => {
  expect(
    problemsOf(
      reading('catalog', 'type Product { id: ID! sku: ID! name: String }', merged),
      reading('prices', 'type Product { sku: ID! price: Int }', { merge: { Product: { key: 'sku' } } }),
      reading('orders', 'type Product { id: ID! sku: ID! }'),
    ),
  ).toEqual([]);
});
