import { expect, test } from 'vitest';
import type { ExecutionMode } from '../../src/graph/execution-mode.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const MODES: readonly ExecutionMode[] = ['compiled', 'reference', 'compare'];

/** A module with arguments of every kind, next to one that completes its rows. */
const takers = () => [
  define({
    name: 'taker',
    typeDefs: typeDefs(`
      type Query { page(in: In): Int  list(ids: [Int!]): Int  find(by: By!): Int  deep(in: Deep!): Int  row: Row }
      type Mutation { write(in: In!): Int }
      type Row { id: ID! }
      input In { first: Int! = 20 }
      input Deep { list: [In!]  more: Deep }
      input By @oneOf { id: ID  name: String }`),
    merge: { Row: { key: 'id' } },
    resolvers: {
      Query: { page: () => 1, list: () => 1, find: () => 1, deep: () => 1, row: () => ({ id: '1' }) },
      Mutation: { write: () => 1 },
    },
  }),
  define({
    name: 'beside',
    typeDefs: typeDefs(
      'type Query { other: Int }  type Row { id: ID!  some(ids: [Int!]): Int  shut(ids: [Int!]): Int @authenticated }',
    ),
    merge: { Row: { key: 'id' } },
    resolvers: { Query: { other: () => 1 }, Row: { some: () => 1, shut: () => 1 } },
  }),
];

const REFUSED: readonly (readonly [
  document: string,
  variables: Record<string, unknown>,
  path: string,
  message: string,
])[] = [
  ['query($n: Int) { page(in: { first: $n }) }', { n: null }, 'page', 'Argument "in" has invalid value {first: $n}.'],
  [
    'query($n: Int = 1) { page(in: { first: $n }) }',
    { n: null },
    'page',
    'Argument "in" has invalid value {first: $n}.',
  ],
  ['query($i: Int = 1) { list(ids: [$i]) }', { i: null }, 'list', 'Argument "ids" has invalid value [$i].'],
  ['query($i: ID) { find(by: { id: $i }) }', {}, 'find', 'Argument "by" has invalid value {id: $i}.'],
  ['query($i: ID) { find(by: { id: $i }) }', { i: null }, 'find', 'Argument "by" has invalid value {id: $i}.'],
  [
    'query($n: Int) { deep(in: { more: { list: [{ first: $n }] } }) }',
    { n: null },
    'deep',
    'Argument "in" has invalid value {more: {list: [{first: $n}]}}.',
  ],
  [
    'mutation($n: Int) { write(in: { first: $n }) }',
    { n: null },
    'write',
    'Argument "in" has invalid value {first: $n}.',
  ],
  ['query($i: Int = 1) { row { some(ids: [$i]) } }', { i: null }, 'row.some', 'Argument "ids" has invalid value [$i].'],
  ['query($i: Int = 1) { row { shut(ids: [$i]) } }', { i: null }, 'row.shut', 'Argument "ids" has invalid value [$i].'],
];

for (const execution of MODES)
  test(`null for a non-null argument is BAD_USER_INPUT, and not logged as a bug (${execution})`, async () => {
    const logged: string[] = [];
    const log = { warn: (message: string) => logged.push(message), error: (message: string) => logged.push(message) };
    const { runQuery } = await servedGateway({ modules: takers(), execution, introspection: true, log: log as never });
    for (const [document, variables, path, message] of REFUSED) {
      const { body } = await runQuery(document, { variables, headers: { authorization: 'Bearer user' } });
      const [error, ...others] = body.errors;
      expect([document, error.path.join('.'), error.message]).toEqual([document, path, message]);
      expect(error.extensions.code).toBe('BAD_USER_INPUT');
      expect(error.locations).toHaveLength(1);
      expect(others).toEqual([]);
    }
    expect(logged).toEqual([]);
  });
