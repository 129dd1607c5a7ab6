import { expect, test } from 'vitest';
import { testModule } from '../../../../test/support/modules/test-module.ts';
import { problemsInModules } from '../check-modules.ts';

const ROOTS = 'type Query { p: P }\ntype Mutation { write: P }\ntype P { n: Int }\n';
const nothing = () => null;

const problemsOf = (sdl: string) =>
  problemsInModules([
    testModule('a', ROOTS + sdl, { resolvers: { Query: { p: nothing }, Mutation: { write: nothing } } }),
  ]);

test.each([
  ['a field', 'type Payload { mutation: Mutation }', '4:16', 'Payload.mutation returns Mutation'],
  ['a list', 'type Payload { all: [[Mutation!]!]! }', '4:16', 'Payload.all returns Mutation'],
  ['an extension', 'extend type P { again: Mutation! }', '4:17', 'P.again returns Mutation'],
  ['a field of an interface', 'interface Payload { mutation: Mutation }', '4:21', 'Payload.mutation returns Mutation'],
])('a way to Mutation below the root is a problem at its line: %s', (_, sdl, place, problem) => {
  expect(problemsOf(sdl)).toEqual([
    `schema/a/schema.graphql:${place}: ${problem}, so that a query could write: remove the field, or return Query`,
  ]);
});

test('Mutation in a union is a problem at its line, in an extension too', () => {
  const problem = 'Mutation is in the union Any, so that a query could write: remove it here';
  expect(problemsOf('union Any = P | Mutation')).toEqual([`schema/a/schema.graphql:4:17: ${problem}`]);
  expect(problemsOf('union Any = P\nextend union Any = Mutation')).toEqual([
    `schema/a/schema.graphql:5:20: ${problem}`,
  ]);
});

test('an interface of Mutation is a problem at its line', () => {
  expect(problemsOf('interface Node { write: P }\nextend type Mutation implements Node { write: P }')).toContain(
    'schema/a/schema.graphql:5:33: Mutation implements Node, so that a query could write: remove Node here',
  );
});

test('Query below the root is no problem', () => {
  const sdl = 'interface Node { p: P }\nextend type Query implements Node\nunion Any = P | Query\n';
  expect(problemsOf(`${sdl}type Payload { query: Query!  all: [Query]  node: Node  any: Any }`)).toEqual([]);
});
