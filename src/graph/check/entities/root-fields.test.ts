import { expect, test } from 'vitest';
import { lines, reading } from '../../../../test/support/modules/test-module.ts';
import { loaded } from '../../../backend/define/loaded.ts';
import type { SchemaModule } from '../../../backend/define/module.ts';
import { duplicateRootFields, unresolvedRootFields } from './root-fields.ts';

test('a root field of two modules is reported for the second one', () => {
  expect(
    lines(
      duplicateRootFields([
        reading('catalog', 'type Query { product: Int } type Mutation { go: Int }'),
        reading('offers', 'type Query { offer: Int }\nextend type Query { product: Int }'),
        reading('trips', 'type Query { go: Int }\ntype Mutation { go: Int }'),
      ]),
    ),
  ).toEqual([
    'offers/schema.graphql:2:21: Query.product is defined by offers and by catalog (schema/catalog/schema.graphql:1:14): ' +
      'rename or remove it in one of them',
    'trips/schema.graphql:2:17: Mutation.go is defined by trips and by catalog (schema/catalog/schema.graphql:1:45): ' +
      'rename or remove it in one of them',
  ]);
});

test('a field of a type without a key needs a resolver', () => {
  const merge = { Reports: { key: [] } };
  expect(lines(unresolvedRootFields(reading('a', 'type Reports { sales: Int }', { merge })))).toEqual([
    'a/schema.graphql:1:16: Reports.sales has no resolver and would always be null: add sales to resolvers.Reports, or name the key of Reports in merge',
  ]);
});

test('a root field without a resolver is rejected, in an extension too', () => {
  const sdl = 'type Query { login: String }\nextend type Query { email: String }\ntype Mutation { leave: Int }';
  const problemsOf = (resolvers: SchemaModule['resolvers']) =>
    lines(unresolvedRootFields(reading('accounts', sdl, { resolvers })));
  const resolve = () => null;
  expect(problemsOf({ Query: { login: resolve } })).toEqual([
    'accounts/schema.graphql:2:21: Query.email has no resolver and would always be null: add email to resolvers.Query, or remove the field',
    'accounts/schema.graphql:3:17: Mutation.leave has no resolver and would always be null: add leave to resolvers.Mutation, or remove the field',
  ]);
  expect(problemsOf({ Query: { login: resolve, email: resolve }, Mutation: { leave: loaded('x', 'id') } })).toEqual([]);
});
