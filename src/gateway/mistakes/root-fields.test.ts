import { expect, test } from 'vitest';
import { loaded } from '../../backend/loaded.ts';
import type { SchemaModule } from '../../backend/module.ts';
import { rivalRootFields, unresolvedRootFields } from './root-fields.ts';
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

test('a root field without a resolver is refused, in an extension too', () => {
  const sdl = 'type Query { login: String }\nextend type Query { email: String }\ntype Mutation { leave: Int }';
  const told = (resolvers: SchemaModule['resolvers']) =>
    lines(unresolvedRootFields(reading('accounts', sdl, { resolvers })));
  const resolve = () => null;
  expect(told({ Query: { login: resolve } })).toEqual([
    'accounts/schema.graphql:2:21: Query.email has no resolver and would always be null: add email to resolvers.Query, or remove the field',
    'accounts/schema.graphql:3:17: Mutation.leave has no resolver and would always be null: add leave to resolvers.Mutation, or remove the field',
  ]);
  expect(told({ Query: { login: resolve, email: resolve }, Mutation: { leave: loaded('x', 'id') } })).toEqual([]);
});
