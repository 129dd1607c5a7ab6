import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { costsOf, operationOf } from '../../../../test/support/execution/cost-of.ts';
import { realCost } from './real-cost.ts';

const {
  static: staticCost,
  real,
  costs,
  schema,
} = costsOf(`
  interface Node { id: ID  next: Node }
  type A implements Node @cost(weight: "5") { id: ID  next: Node  tags: [Tag] }
  type B implements Node { id: ID @cost(weight: "7")  next: Node }
  type Tag { n: Int @cost(weight: "2.0")  must: Tag! }
  scalar Heavy @cost(weight: "3")
  type User { name: String  age: Int @cost(weight: "2.0") }
  type Query {
    node: Node
    nodes: [Node]
    tags(first: Int!): [Tag] @listSize(slicingArguments: ["first"])
    grid: [[Tag!]] @listSize(assumedSize: 2)
    heavy: [Heavy] @listSize(assumedSize: 4)
    users(max: Int): [User] @listSize(slicingArguments: ["max"])
  }
`);

test('the example of the specification has its dynamic field cost of 7, and a type cost of 4', () => {
  const users = [{ age: 33 }, { age: 45 }, { age: 27 }];
  expect(real('{ users(max: 5) { age } }', { data: { users } })).toBe(7 + 4);
});

test.each([
  ['a null', '{ node { id } }', { node: null }, 1],
  ['an empty list', '{ tags(first: 3) { n } }', { tags: [] }, 1],
  ['nulls in a list', '{ tags(first: 3) { n } }', { tags: [null, { n: 1 }, null] }, 1 + 1 + 2],
  ['lists of lists', '{ grid { n } }', { grid: [[{ n: 1 }, { n: 2 }], null, []] }, 1 + 2 * 3],
  ['scalars with a weight', '{ heavy }', { heavy: [[1, 2], { a: 1 }, null] }, 2 * 3],
  ['aliases', '{ a: tags(first: 1) { m: n } b: node { id } }', { a: [{ m: 1 }], b: null }, 1 + 3 + 1],
  ['introspection', '{ __schema { types { name } } }', { __schema: { types: [{ name: 'A' }] } }, 1],
])('the real cost counts what the response contains: %s', (_what, text, data, cost) => {
  expect(real(text, { data })).toBe(1 + cost);
});

test('a row of an interface has the type of its __typename, else that of its keys, else the most expensive', () => {
  const text = (fields: string) => `{ node { ${fields} } }`;
  expect(real(text('t: __typename id'), { data: { node: { t: 'A', id: '1' } } })).toBe(1 + 1 + 5);
  expect(real(text('... on A { tags { n } } ... on B { id }'), { data: { node: { tags: [] } } })).toBe(1 + 1 + 5 + 1);
  expect(real(text('id'), { data: { node: { id: '1' } } })).toBe(1 + 1 + 8);
  expect(real(text('next { id }'), { data: { node: { next: { id: '1' } } } })).toBe(1 + 1 + 5 + 1 + 8);
});

test('a value that looks like the name of another type does not make a row cheaper', () => {
  const text = '{ node { ... on A { t: __typename } ... on B { t: id } } }';
  expect(real(text, { data: { node: { t: 'A' } } })).toBe(1 + 1 + 8);
  expect(real(text, { data: { node: { t: 'x' } } })).toBe(1 + 1 + 8);
});

test('types of which a row costs the same are compared once', () => {
  const types = Array.from({ length: 30 }, (_, at) => `type T${at} implements I { n: Int  next: I }`);
  const many = costsOf(`interface I { n: Int  next: I }  ${types.join(' ')}  type Query { rows: [I] }`);
  let reads = 0;
  const row = new Proxy(
    { next: { n: 1 } },
    {
      get: (target, name) => {
        reads += 1;
        return Reflect.get(target, name);
      },
    },
  );
  expect(many.real('{ rows { next { n } } }', { data: { rows: [row] } })).toBe(1 + 1 + 1 + 1 + 1);
  expect(reads).toBe(1);
});

test('rows beyond the comparisons of a response have their static cost', () => {
  const cost = costs.of(operationOf(schema, '{ nodes { ... on A { tags { n } } ... on B { id } } }'));
  const data = { nodes: Array.from({ length: 3 }, () => ({ id: '1' })) };
  expect(realCost(cost, { data }, 6)).toBe(1 + 1 + 3 * 8);
  expect(realCost(cost, { data }, 5)).toBe(1 + 1 + 2 * 8 + (5 + 1 + 100 * 3));
});

test('more rows than the size of their list count, too', () => {
  const tags = [{ n: 1 }, { n: 1 }, { n: 1 }];
  const text = '{ tags(first: 1) { n } }';
  expect([staticCost(text), real(text, { data: { tags } })]).toEqual([1 + 1 + 3, 1 + 1 + 9]);
});

const failed = (...path: (string | number)[]) => new GraphQLError('failed', { path });

test('a field that failed costs its execution', () => {
  expect(real('{ tags(first: 9) { n } }', { data: { tags: null }, errors: [failed('tags')] })).toBe(2);
});

test('an object that an error below it removed costs what it could cost: it was executed', () => {
  const text = '{ tags(first: 3) { must { n } } }';
  const errors = [failed('tags', 0, 'must', 'n'), failed('tags', 2, 'must')];
  const data = { tags: [null, { must: { n: 1 } }, null] };
  expect(real(text, { data, errors })).toBe(staticCost(text));
  expect(real('{ node { id } }', { data: { node: null }, errors: [failed('node', 'id')] })).toBe(1 + 1 + 8);
});

test('a response with errors that are not listed costs the whole operation: their places are not known', () => {
  const errors = [failed('tags'), new GraphQLError('more', { extensions: { code: 'ERROR_LIMIT' } })];
  const text = '{ tags(first: 9) { n } }';
  expect(real(text, { data: { tags: null }, errors })).toBe(staticCost(text));
});

test('a response without data costs the whole operation if it was executed, and nothing if it was refused', () => {
  const text = '{ tags(first: 3) { n } }';
  expect(real(text, { data: null, errors: [failed()] })).toBe(staticCost(text));
  expect(real(text, { errors: [failed()] })).toBe(0);
});
