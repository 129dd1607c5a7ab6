import { expect, test } from 'vitest';
import { unmetNeeds } from './needs.ts';
import { lines, reading } from './test-module.ts';

const catalog = reading(
  'catalog',
  'type Product { id: ID! weight: Int size: Size price(in: String): Int }\ntype Size { width: Int }',
);

const told = (needs: Readonly<Record<string, readonly string[]>>, ...others: (typeof catalog)[]) =>
  lines(
    unmetNeeds([
      catalog,
      reading('inventory', 'type Product { id: ID! stock: Int days: Int }', {
        merge: { Product: { key: 'id', needs } },
        resolvers: { Product: { days: () => null } },
      }),
      ...others,
    ]),
  );

test.each([
  [
    'of a field that the module lacks',
    { delay: ['weight'] },
    'inventory/index.ts: needs names Product.delay, a field that Product does not have: correct the name, or add the field to the SDL',
  ],
  [
    'for a field that nobody gives',
    { days: ['wieght'] },
    'inventory/index.ts: Product.days needs wieght, which no other module gives: correct the name, or take it out of needs',
  ],
  [
    'for a field of the module itself',
    { days: ['stock'] },
    'inventory/index.ts: Product.days needs stock, which inventory gives itself: read it in the resolver of days',
  ],
  [
    'for a field with arguments',
    { days: ['price'] },
    'inventory/index.ts: Product.days needs price, which has arguments in catalog (schema/catalog/schema.graphql:1:47): need another field',
  ],
  [
    'for an object',
    { days: ['size'] },
    'inventory/index.ts: Product.days needs size, which is no scalar or enum in catalog (schema/catalog/schema.graphql:1:36): need another field',
  ],
])('a need %s is told', (_what, needs, line) => {
  expect(told(needs)).toEqual([line]);
});

test('a need that another module meets is none', () => {
  expect(told({ days: ['weight'] })).toEqual([]);
});

test('a computed field without a resolver is refused', () => {
  const inventory = reading('inventory', 'type Product { id: ID! days: Int }', {
    merge: { Product: { key: 'id', needs: { days: ['weight'] } } },
  });
  expect(lines(unmetNeeds([catalog, inventory]))).toEqual([
    'inventory/index.ts: needs names Product.days, which has no resolver to compute it: add days to resolvers.Product',
  ]);
});

test('a module that cannot be read may give what others lack, if its text has the word', () => {
  expect(told({ days: ['height'] }, reading('sizes', 'type Product { height: Int'))).toEqual([]);
  expect(told({ days: ['height'] }, reading('sizes', 'type Product { width: Int'))).toHaveLength(1);
});
