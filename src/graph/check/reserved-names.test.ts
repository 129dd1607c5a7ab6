import { expect, test } from 'vitest';
import { lines, reading } from '../../../test/support/modules/test-module.ts';
import { reserved } from './reserved-names.ts';

const problemsOf = (sdl: string) => lines(reserved(reading('a', sdl)));

test.each([
  ['type _Product { id: ID }', '1:6', '_Product'],
  ['type Product { _id: ID }', '1:16', '_id'],
  ['type Product { name(_in: String): ID }', '1:21', '_in'],
  ['input Filter { _text: String }', '1:16', '_text'],
  ['enum Status { _ANY }', '1:15', '_ANY'],
  ['extend type Product { __id: ID }', '1:23', '__id'],
])('names beginning with _ are reserved: %s', (sdl, place, name) => {
  expect(problemsOf(sdl)).toEqual([
    `a/schema.graphql:${place}: the name ${name} is reserved, because it begins with "_": rename it`,
  ]);
});

test('a Subscription type is rejected', () => {
  expect(problemsOf('type Subscription { ticks: Int }')).toEqual([
    'a/schema.graphql:1:6: subscriptions are not supported yet: remove the Subscription type',
  ]);
});

test('a schema definition is rejected: root types have their default names', () => {
  expect(problemsOf('schema { query: Root } type Root { a: Int }')).toEqual([
    'a/schema.graphql:1:1: a module must not contain a `schema` definition: remove it, and name the root types Query and Mutation',
  ]);
});

test('an operation in the SDL is rejected', () => {
  expect(problemsOf('type Query { a: Int } query { a }')).toEqual([
    'a/schema.graphql:1:23: an operation or fragment is not part of a schema: remove it',
  ]);
});
