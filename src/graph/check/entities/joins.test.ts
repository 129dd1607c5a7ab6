import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { impossibleJoins } from './joins.ts';

const by = (...key: string[]) => ({ merge: { Product: { key } } });

const ROOT = 'type Query { %: Product }\n';
const brings = (name: string, sdl: string, rest = {}) => reading(name, ROOT.replace('%', name) + sdl, rest);

test('a key that no other module has is reported where it is declared', () => {
  expect(
    lines(
      impossibleJoins([
        brings('catalog', 'type Product { id: ID! name: String }'),
        reading('reviews', 'type Product { isbn: ID! stars: Int }', by('isbn')),
      ]),
    ),
  ).toEqual([
    'reviews/index.ts: merge joins Product by isbn, but no other module has isbn: ' +
      'use a key that another module has, or add the fields there',
  ]);
});

test('a module that returns a type without the key of another module must add the key', () => {
  expect(
    lines(
      impossibleJoins([
        brings('catalog', 'type Product { id: ID! sku: ID! name: String }', by('id')),
        reading('prices', 'type Product { sku: ID! region: ID! price: Int }', by('sku', 'region')),
        reading('regions', 'type Product { id: ID! region: ID! }', by('id')),
        brings('orders', 'type Product { sku: ID! }'),
      ]),
    ),
  ).toEqual([
    'orders/schema.graphql:2:6: Product of orders lacks id, the key in catalog ' +
      '(schema/catalog/schema.graphql:2:6) and regions (schema/regions/schema.graphql:1:6): add id to Product here',
    'orders/schema.graphql:2:6: Product of orders lacks sku and region, the key in prices ' +
      '(schema/prices/schema.graphql:1:6): add sku and region to Product here',
  ]);
});

test('a module may be reached through another module', () => {
  expect(
    impossibleJoins([
      brings('orders', 'type Product { id: ID! }'),
      reading('catalog', 'type Product { id: ID! sku: ID! }', by('id')),
      reading('prices', 'type Product { sku: ID! price: Int }', by('sku')),
    ]),
  ).toEqual([]);
});

test('a module that returns no rows of a type needs no key of the other modules', () => {
  const others = [brings('catalog', 'type Product { id: ID! sku: ID! }', by('id'))];
  const prices = 'type Product { sku: ID! price: Int }';
  expect(impossibleJoins([...others, reading('prices', prices, by('sku'))])).toEqual([]);
  expect(impossibleJoins([...others, brings('prices', prices, by('sku'))])).toHaveLength(1);
});

test.each(['union Hit = Product', 'interface Hit { sku: ID! }'])(
  'a field of an abstract type returns its object types: %s',
  (hit) => {
    const of = hit.startsWith('union') ? '' : ' implements Hit';
    const prices = `type Query { search: [Hit!] } ${hit} type Product${of} { sku: ID! price: Int }`;
    expect(
      impossibleJoins([
        brings('catalog', 'type Product { id: ID! sku: ID! }', by('id')),
        reading('prices', prices, by('sku')),
      ]),
    ).toHaveLength(1);
  },
);

test('a missing field is not reported if the text of an unparsable module contains its name', () => {
  const reviews = reading('reviews', 'type Product { isbn: ID! stars: Int }', by('isbn'));
  const catalog = brings('catalog', 'type Product { id: ID! name: String }');
  expect(impossibleJoins([catalog, reviews, reading('books', 'type Product { isbn: ID!')])).toEqual([]);
  expect(impossibleJoins([catalog, reviews, reading('books', 'type Product { id: ID!')])).toHaveLength(1);
});
