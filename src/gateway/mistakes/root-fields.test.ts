import { expect, test } from 'vitest';
import { rivalRootFields } from './root-fields.ts';
import { lines, reading } from './test-module.ts';

test('a root field has one owner, and whoever claims it too is told', () => {
  expect(
    lines(
      rivalRootFields([
        reading('catalog', 'type Query { product: Int } type Mutation { go: Int }'),
        reading('offers', 'type Query { offer: Int }\nextend type Query { product: Int }'),
        reading('trips', 'type Query { go: Int }\ntype Mutation { go: Int }'),
      ]),
    ),
  ).toEqual([
    'offers/schema.graphql:2:21: Query.product is given by offers and by catalog (schema/catalog/schema.graphql:1:14): ' +
      'rename it in one of them, or take it away',
    'trips/schema.graphql:2:17: Mutation.go is given by trips and by catalog (schema/catalog/schema.graphql:1:45): ' +
      'rename it in one of them, or take it away',
  ]);
});
