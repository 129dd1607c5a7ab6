import { expect, test } from 'vitest';
import { buildGateway } from '../../src/graph/build-gateway.ts';
import { EXECUTIONS, executedBy } from '../support/gateway/executed.ts';
import { define, pathsAndCodes, plain, typeDefs } from '../support/modules/small-modules.ts';

/** A module with root types in payloads, as in Relay. It counts its writes. */
const payloads = () => {
  const writes: string[] = [];
  const payload = () => ({ n: 1, query: {}, must: {}, all: [{}, {}], node: { __typename: 'Query' } });
  const module = define({
    name: 'a',
    typeDefs: typeDefs(`
      type Query implements Node { id: ID  p: Payload  thing: Thing }
      type Mutation { write(to: String): Payload }
      interface Node { id: ID }
      type Thing implements Node { id: ID }
      union Any = Query | Thing
      type Payload { n: Int  query: Query  must: Query!  all: [Query!]!  node: Node  any: Any }`),
    resolvers: {
      Query: { id: () => 'root', p: payload, thing: () => ({ id: 't' }) },
      Mutation: {
        write: (_parent, { to }) => {
          writes.push(to);
          return payload();
        },
      },
      Payload: { any: () => ({ __typename: 'Query' }) },
    },
  });
  return { module, writes };
};

const others = () =>
  define({
    name: 'b',
    typeDefs: typeDefs(`
      type Query { b: Int  echo(text: String): String  closed: Int @authenticated }
      type Mutation { other: Int }`),
    resolvers: {
      Query: { b: () => 2, echo: (_parent, { text }) => text, closed: () => 3 },
      Mutation: { other: () => 4 },
    },
  });

const READS: readonly (readonly [document: string, data: unknown])[] = [
  ['{ p { query { b } } }', { p: { query: { b: 2 } } }],
  ['{ p { n query { b } } }', { p: { n: 1, query: { b: 2 } } }],
  ['{ p { n must { b } } }', { p: { n: 1, must: { b: 2 } } }],
  ['{ p { all { b } } }', { p: { all: [{ b: 2 }, { b: 2 }] } }],
  [
    '{ p { query { __typename b thing { id } } } }',
    { p: { query: { __typename: 'Query', b: 2, thing: { id: 't' } } } },
  ],
  ['{ p { query { p { must { b } } b } } }', { p: { query: { p: { must: { b: 2 } }, b: 2 } } }],
  ['{ p { node { ... on Query { id b } } } }', { p: { node: { id: 'root', b: 2 } } }],
  ['{ p { any { ... on Query { b } } } }', { p: { any: { b: 2 } } }],
  ['mutation { write { query { b } } }', { write: { query: { b: 2 } } }],
  [
    'mutation { write { n all { x: echo(text: "x") y: echo } } }',
    {
      write: {
        n: 1,
        all: [
          { x: 'x', y: null },
          { x: 'x', y: null },
        ],
      },
    },
  ],
];

test('a module with a way from a query to a mutation does not start', () => {
  const write = () => ({ mutation: {} });
  const module = define({
    name: 'a',
    typeDefs: typeDefs(
      'type Query { p: Payload }\ntype Mutation { write: Payload }\ntype Payload { mutation: Mutation }',
    ),
    resolvers: { Query: { p: write }, Mutation: { write } },
  });
  const connect = () => () => Promise.reject(new Error('This module has no upstream.'));
  expect(() => buildGateway({ modules: [module], connect })).toThrow(
    ':3:16: Payload.mutation returns Mutation, so that a query could write: remove the field, or return Query',
  );
});

for (const execution of EXECUTIONS) {
  for (const [document, data] of READS)
    test(`a root type below the root has the fields of every module: ${document} (${execution})`, async () => {
      const { module } = payloads();
      const answer = await executedBy(execution, [module, others()])(document);
      expect(answer).toEqual({ data, errors: undefined });
    });

  test(`variables reach the fields of a root type below the root (${execution})`, async () => {
    const { module, writes } = payloads();
    const runQuery = executedBy(execution, [others(), module]);
    const document = 'mutation($to: String, $text: String) { write(to: $to) { must { echo(text: $text) } } }';
    expect((await runQuery(document, { to: 'disk', text: 'hi' })).data).toEqual({ write: { must: { echo: 'hi' } } });
    expect(writes).toEqual(['disk']);
  });

  test(`introspection below the root shows the public schema (${execution})`, async () => {
    const { module } = payloads();
    const runQuery = executedBy(execution, [module, others()]);
    const asked = '{ __type(name: "Query") { fields { name } } b }';
    const { data, errors } = await runQuery(
      `{ p { query ${asked} any { ... on Query ${asked} } } __schema { queryType { name } } }`,
    );
    const names = ['id', 'p', 'thing', 'b', 'echo', 'closed'];
    const shown = { __type: { fields: names.map((name) => ({ name })) }, b: 2 };
    expect(errors).toBeUndefined();
    expect(data.p).toEqual({ query: shown, any: shown });
  });

  test(`a root type below the root is joined in addition to computed fields (${execution})`, async () => {
    const { module } = payloads();
    const owner = plain('c', 'type Query { c: C }  type C { id: ID!  size: Int }', {
      merge: { C: { key: 'id' } },
      resolvers: { Query: { c: () => ({ id: '1', size: 3 }) } },
    });
    const computing = define({
      name: 'd',
      typeDefs: typeDefs('type Query { d: Int }  type C { id: ID!  double: Int  root: Query }'),
      merge: { C: { key: 'id', needs: { double: ['size'] } } },
      resolvers: { Query: { d: () => 5 }, C: { double: ({ size }) => 2 * size, root: () => ({}) } },
    });
    const runQuery = executedBy(execution, [module, owner, computing]);
    const { data, errors } = await runQuery('{ c { double root { d c { size double } p { n } } } }');
    expect(errors).toBeUndefined();
    expect(data).toEqual({ c: { double: 6, root: { d: 5, c: { size: 3, double: 6 }, p: { n: 1 } } } });
  });

  test(`a field of a root type keeps its authorization below the root (${execution})`, async () => {
    const { module } = payloads();
    const { data, errors } = await executedBy(execution, [module, others()])('{ p { query { closed b } } }');
    expect(data).toEqual({ p: { query: { closed: null, b: 2 } } });
    expect(pathsAndCodes(errors)).toEqual(['p.query.closed UNAUTHENTICATED']);
  });
}
