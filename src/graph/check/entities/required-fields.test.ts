import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { invalidRequiredFields } from './required-fields.ts';

const catalog = reading(
  'catalog',
  `type Product { id: ID! weight: Int size: Size price(in: String): Int worth(in: String!, round: Int): Int u: U parts: [Part] }
   type Size { width: Int  of(unit: Unit): Int  size: Size } enum Unit { CM } union U = Size
   type Part { id: ID  computed: Int }`,
  {
    merge: { Part: { key: 'id', needs: { computed: ['x'] } } },
    resolvers: { Part: { computed: () => null } },
  },
);

const parts = reading('parts', 'type Part { id: ID  x: Int }');

const problemsOf = (needs: Readonly<Record<string, readonly string[]>>, ...others: (typeof catalog)[]) =>
  lines(
    invalidRequiredFields([
      catalog,
      parts,
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
    'without a required argument',
    { days: ['worth'] },
    'inventory/index.ts: Product.days needs worth of catalog (schema/catalog/schema.graphql:1:70): Field "worth" argument "in" of type "String!" is required, but it was not provided: correct the text in needs',
  ],
  [
    'for an object without a selection',
    { days: ['size'] },
    'inventory/index.ts: Product.days needs size of catalog (schema/catalog/schema.graphql:1:36): Field "size" of type "Size" must have a selection of subfields: correct the text in needs (did you mean "size { ... }")',
  ],
  [
    'with an unknown field below',
    { days: ['size { widht }'] },
    'inventory/index.ts: Product.days needs size { widht } of catalog (schema/catalog/schema.graphql:1:36): Cannot query field "widht" on type "Size": correct the text in needs (did you mean "width")',
  ],
  [
    'with an argument of another type',
    { days: ['size { of(unit: MM) }'] },
    'inventory/index.ts: Product.days needs size { of(unit: MM) } of catalog (schema/catalog/schema.graphql:1:36): Value "MM" does not exist in "Unit" enum: correct the text in needs (did you mean the enum value "CM")',
  ],
  [
    'of more than 5 fields below each other',
    { days: ['size { size { size { size { size { width } } } } }'] },
    'inventory/index.ts: Product.days needs size { size { size { size { size { width } } } } } of catalog (schema/catalog/schema.graphql:1:36): is deeper than 5 fields: correct the text in needs',
  ],
  [
    'with a variable',
    { days: ['worth(in: $unit)'] },
    'inventory/index.ts: Product.days needs worth(in: $unit) of catalog (schema/catalog/schema.graphql:1:70): has the variable $unit: fields and literals only: correct the text in needs',
  ],
  [
    'for a union',
    { days: ['u { x }'] },
    'inventory/index.ts: Product.days needs u { x } of catalog (schema/catalog/schema.graphql:1:106): u is U, which is not an object type: correct the text in needs',
  ],
  [
    'for a field below that is computed itself',
    { days: ['parts { computed }'] },
    'inventory/index.ts: Product.days needs parts { computed } of catalog (schema/catalog/schema.graphql:1:111): Part.computed has needs of its own: correct the text in needs',
  ],
  [
    'with __typename',
    { days: ['parts { __typename }'] },
    'inventory/index.ts: Product.days needs parts { __typename } of catalog (schema/catalog/schema.graphql:1:111): has __typename: fields and literals only: correct the text in needs',
  ],
  [
    'with two fields in one text',
    { days: ['weight size'] },
    'inventory/index.ts: Product.days needs "weight size", which is not a field: Expected one field: write one field in GraphQL\'s notation, such as price { units nanos } or rating(scale: 5)',
  ],
  [
    'with a syntax error',
    { days: ['size {'] },
    'inventory/index.ts: Product.days needs "size {", which is not a field: Syntax Error: Expected Name, found "}": write one field in GraphQL\'s notation, such as price { units nanos } or rating(scale: 5)',
  ],
  [
    'of two values as one property',
    { days: ['price', 'price(in: "EUR")'] },
    'inventory/index.ts: Product needs price and price(in: "EUR"), which are one property of the parent: give one of them an alias, such as other: price',
  ],
  [
    'with the name of an own field as alias',
    { days: ['stock: weight'] },
    'inventory/index.ts: Product.days needs stock: weight, with the name of a field of inventory itself: use another alias',
  ],
])('needs %s is rejected', (_what, needs, line) => {
  expect(problemsOf(needs)).toEqual([line]);
});

test.each(['weight', 'price', 'dear: price(in: "EUR")', 'size { width of(unit: CM) }', 'parts { key: id }'])(
  'the need %s is valid',
  (need) => {
    expect(problemsOf({ days: [need] })).toEqual([]);
  },
);

test('a computed field without a resolver is rejected', () => {
  const inventory = reading('inventory', 'type Product { id: ID! days: Int }', {
    merge: { Product: { key: 'id', needs: { days: ['weight'] } } },
  });
  expect(lines(invalidRequiredFields([catalog, parts, inventory]))).toEqual([
    'inventory/index.ts: needs names Product.days, which has no resolver to compute it: add days to resolvers.Product',
  ]);
});

test('a missing field is not reported if the text of an unparsable module contains its name', () => {
  expect(problemsOf({ days: ['height'] }, reading('sizes', 'type Product { height: Int'))).toEqual([]);
  expect(problemsOf({ days: ['height'] }, reading('sizes', 'type Product { width: Int'))).toHaveLength(1);
});
