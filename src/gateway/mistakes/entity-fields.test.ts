import { expect, test } from 'vitest';
import { unfitEntityFields } from './entity-fields.ts';
import { lines, reading } from './test-module.ts';

const merged = { merge: { Product: { key: 'id' } } };
const told = (...readings: ReturnType<typeof reading>[]) => lines(unfitEntityFields(readings));

test('a field beside the key has one owner', () => {
  expect(
    told(
      reading('catalog', 'type Product { id: ID! name: String }', merged),
      reading('reviews', 'type Product { id: ID! name: String stars: Int }', merged),
    ),
  ).toEqual([
    'reviews/schema.graphql:1:24: Product.name is given by reviews and by catalog (schema/catalog/schema.graphql:1:24): ' +
      'leave it to one of them',
  ]);
});

test('a key has one type everywhere', () => {
  expect(
    told(
      reading('catalog', 'type Product { id: ID! }', merged),
      reading('orders', 'type Product { id: Int! }'),
      reading('reviews', 'type Product { id(old: Boolean): ID! }'),
    ),
  ).toEqual([
    'orders/schema.graphql:1:16: the key Product.id is Int! in orders and ID! in catalog (schema/catalog/schema.graphql:1:16): ' +
      'give it one type in both',
    'reviews/schema.graphql:1:16: the key Product.id is (old: Boolean): ID! in reviews and ID! in catalog ' +
      '(schema/catalog/schema.graphql:1:16): give it one type in both',
  ]);
});

test('what a module adds without merge could be had only where it brings the entity itself', () => {
  expect(
    told(
      reading('catalog', 'type Product { id: ID! }', merged),
      reading('orders', 'type Product { id: ID! ordered: Int }'),
    ),
  ).toEqual([
    'orders/schema.graphql:1:24: Product.ordered cannot be asked for where another module brings the Product: ' +
      'merge Product in orders too, by id, or take the field away',
  ]);
});

test('several modules may give the key, each module the rest of its own', () => {
  expect(
    told(
      reading('catalog', 'type Product { id: ID! sku: ID! name: String }', merged),
      reading('prices', 'type Product { sku: ID! price: Int }', { merge: { Product: { key: 'sku' } } }),
      reading('orders', 'type Product { id: ID! sku: ID! }'),
    ),
  ).toEqual([]);
});
