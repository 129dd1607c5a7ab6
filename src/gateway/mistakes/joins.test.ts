import { expect, test } from 'vitest';
import { impossibleJoins } from './joins.ts';
import { lines, reading } from './test-module.ts';

const by = (...key: string[]) => ({ merge: { Product: { key } } });

const ROOT = 'type Query { %: Product }\n';
const brings = (name: string, sdl: string, rest = {}) => reading(name, ROOT.replace('%', name) + sdl, rest);

test('a key that no other module has is told where it is declared', () => {
  expect(
    lines(
      impossibleJoins([
        brings('catalog', 'type Product { id: ID! name: String }'),
        reading('reviews', 'type Product { isbn: ID! stars: Int }', by('isbn')),
      ]),
    ),
  ).toEqual([
    'reviews/index.ts: merge joins Product by isbn, but no other module has isbn: ' +
      'join by fields that another has, or have it add them',
  ]);
});

test('a module that brings a type without the key of another is told to add it', () => {
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
    'orders/schema.graphql:2:6: Product of orders lacks id, by which it is joined in catalog ' +
      '(schema/catalog/schema.graphql:2:6) and regions (schema/regions/schema.graphql:1:6): add id to Product here',
    'orders/schema.graphql:2:6: Product of orders lacks sku and region, by which it is joined in prices ' +
      '(schema/prices/schema.graphql:1:6): add sku and region to Product here',
  ]);
});

test('a module may be reached through another', () => {
  expect(
    impossibleJoins([
      brings('orders', 'type Product { id: ID! }'),
      reading('catalog', 'type Product { id: ID! sku: ID! }', by('id')),
      reading('prices', 'type Product { sku: ID! price: Int }', by('sku')),
    ]),
  ).toEqual([]);
});

test('a module that never brings a type need not lead to the others', () => {
  const others = [brings('catalog', 'type Product { id: ID! sku: ID! }', by('id'))];
  const prices = 'type Product { sku: ID! price: Int }';
  expect(impossibleJoins([...others, reading('prices', prices, by('sku'))])).toEqual([]);
  expect(impossibleJoins([...others, brings('prices', prices, by('sku'))])).toHaveLength(1);
});

test.each(['union Hit = Product', 'interface Hit { sku: ID! }'])(
  'a type is brought by its abstract type: %s',
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

test('a module that cannot be read may have what others lack, if its text has the word', () => {
  const reviews = reading('reviews', 'type Product { isbn: ID! stars: Int }', by('isbn'));
  const catalog = brings('catalog', 'type Product { id: ID! name: String }');
  expect(impossibleJoins([catalog, reviews, reading('books', 'type Product { isbn: ID!')])).toEqual([]);
  expect(impossibleJoins([catalog, reviews, reading('books', 'type Product { id: ID!')])).toHaveLength(1);
});
