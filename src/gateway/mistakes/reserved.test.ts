import { expect, test } from 'vitest';
import { reserved } from './reserved.ts';
import { lines, reading } from './test-module.ts';

const told = (sdl: string) => lines(reserved(reading('a', sdl)));

test.each([
  ['type _Product { id: ID }', '1:6', '_Product'],
  ['type Product { _id: ID }', '1:16', '_id'],
  ['type Product { name(_in: String): ID }', '1:21', '_in'],
  ['input Filter { _text: String }', '1:16', '_text'],
  ['enum Status { _ANY }', '1:15', '_ANY'],
  ['extend type Product { __id: ID }', '1:23', '__id'],
])('names beginning with _ are reserved: %s', (sdl, place, name) => {
  expect(told(sdl)).toEqual([
    `a/schema.graphql:${place}: names beginning with "_" are reserved, and ${name} is one: rename it`,
  ]);
});

test('a subscription is told not to be supported', () => {
  expect(told('type Subscription { ticks: Int }')).toEqual([
    'a/schema.graphql:1:6: subscriptions are not supported yet: take the Subscription type away',
  ]);
});

test('root types have their usual names', () => {
  expect(told('schema { query: Root } type Root { a: Int }')).toEqual([
    'a/schema.graphql:1:1: a module has no `schema` of its own: take it away, and call its root types Query and Mutation',
  ]);
});

test('an operation is no part of a schema', () => {
  expect(told('type Query { a: Int } query { a }')).toEqual([
    'a/schema.graphql:1:23: an operation is no part of a schema: take it away',
  ]);
});
