import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { conflictingFields, wrongShareable } from './shareable-fields.ts';

const merged = { merge: { Product: { key: 'id' } } };

/** Problems of a field of `Product` in two modules. */
const problemsOf = (catalog: string, reviews: string) =>
  lines(
    conflictingFields([
      reading('catalog', `type Product { id: ID!  ${catalog} }`, merged),
      reading('reviews', `type Product { id: ID!  ${reviews} }`, merged),
    ]),
  );

const HERE = 'reviews/schema.graphql:1:25: ';
const THERE = 'catalog (schema/catalog/schema.graphql:1:25)';

test.each([
  [
    'name: String',
    'name: String',
    `Product.name is defined by reviews and by ${THERE}: remove it from one of them, or declare it @shareable in both`,
  ],
  [
    'name: String @shareable',
    'name: String',
    `Product.name is @shareable in ${THERE} only: declare it @shareable in reviews too`,
  ],
  [
    'name: String',
    'name: String @shareable',
    `Product.name is @shareable in reviews, but not in ${THERE}: declare it there too`,
  ],
  [
    'name: String @shareable',
    'name: String! @shareable',
    `Product.name is String! in reviews and String in ${THERE}: use the same type and arguments in both`,
  ],
  [
    'name: String @shareable',
    'name(short: Boolean): String @shareable',
    `Product.name is (short: Boolean): String in reviews and String in ${THERE}: use the same type and arguments in both`,
  ],
])('a field of two modules, "%s" and "%s", is a problem', (catalog, reviews, problem) => {
  expect(problemsOf(catalog, reviews)).toEqual([HERE + problem]);
});

test('a field that all modules declare shareable is no problem', () => {
  expect(problemsOf('name: String @shareable', 'name: String @shareable')).toEqual([]);
  expect(problemsOf('name: String @shareable', 'stars: Int')).toEqual([]);
});

test('@shareable on a root field or an interface is a problem', () => {
  const sdl = 'type Query { a: Int @shareable }\ninterface Node { n: Int @shareable }\ntype Part { n: Int @shareable }';
  expect(lines(wrongShareable(reading('parts', sdl)))).toEqual([
    'parts/schema.graphql:1:14: Query.a is @shareable, but a root field has one module: remove @shareable',
    'parts/schema.graphql:2:18: @shareable on Node.n shares nothing: set it on the fields of the types that implement the interface',
  ]);
});
