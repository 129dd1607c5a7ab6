import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { invalidRequiredFields } from './required-fields.ts';

const catalog = reading(
  'catalog',
  'type Product { id: ID! weight: Int size: Size price(in: String): Int }\ntype Size { width: Int }',
);

const problemsOf = (needs: Readonly<Record<string, readonly string[]>>, ...others: (typeof catalog)[]) =>
  lines(
    invalidRequiredFields([
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
    'of an unknown field',
    { delay: ['weight'] },
    'inventory/index.ts: needs names Product.delay, a field that Product does not have: correct the name, or add the field to the SDL',
  ],
  [
    'for a field that no module has',
    { days: ['wieght'] },
    'inventory/index.ts: Product.days needs wieght, which no other module has: correct the name, or remove it from needs',
  ],
  [
    'for a field of the module itself',
    { days: ['stock'] },
    'inventory/index.ts: Product.days needs stock, which is a field of inventory itself: remove it from needs, and read it in the resolver of days',
  ],
  [
    'for a field with arguments',
    { days: ['price'] },
    'inventory/index.ts: Product.days needs price, which has arguments in catalog (schema/catalog/schema.graphql:1:47): use another field',
  ],
  [
    'for an object',
    { days: ['size'] },
    'inventory/index.ts: Product.days needs size, which is not a scalar or enum in catalog (schema/catalog/schema.graphql:1:36): use another field',
  ],
])('needs %s is rejected', (_what, needs, line) => {
  expect(problemsOf(needs)).toEqual([line]);
});

test('a need for a field of another module is valid', () => {
  expect(problemsOf({ days: ['weight'] })).toEqual([]);
});

test('a computed field without a resolver is rejected', () => {
  const inventory = reading('inventory', 'type Product { id: ID! days: Int }', {
    merge: { Product: { key: 'id', needs: { days: ['weight'] } } },
  });
  expect(lines(invalidRequiredFields([catalog, inventory]))).toEqual([
    'inventory/index.ts: needs names Product.days, which has no resolver to compute it: add days to resolvers.Product',
  ]);
});

test('a missing field is not reported if the text of an unparsable module contains its name', () => {
  expect(problemsOf({ days: ['height'] }, reading('sizes', 'type Product { height: Int'))).toEqual([]);
  expect(problemsOf({ days: ['height'] }, reading('sizes', 'type Product { width: Int'))).toHaveLength(1);
});
