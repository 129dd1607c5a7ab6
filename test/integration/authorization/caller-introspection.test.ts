import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  printSchema,
  validateSchema,
} from 'graphql';
import { signedIn } from 'tributary/testing';
import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../src/cache/memory.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { buildGateway } from '../../../src/graph/build-gateway.ts';
import { ANONYMOUS } from '../../../src/request/request-context.ts';
import { anonymousRequest, EXECUTIONS, executedBy, paramsOf } from '../../support/gateway/executed.ts';
import { plain } from '../../support/modules/small-modules.ts';

const SCOPE = (name: string) => `@requiresScopes(scopes: [["${name}"]])`;

const shop = plain(
  'shop',
  `
  type Query {
    open: Item
    find(text: String, secret: String ${SCOPE('a')}, by: In): Item
    only(key: ID! ${SCOPE('a')}): Int
    own: Own @policy(policies: [["mine"], ["role:x", "mine"]])
    admin: Admin @policy(policies: [["role:admin"]])
  }
  type Mutation { change: Int @authenticated }
  interface Named { name: String  hidden: String }
  type Item implements Named { name: String  hidden: String ${SCOPE('a')}  level: Level }
  type Other implements Named { name: String  hidden: String }
  type Own { a: Int }
  type Admin { b: Int }
  input In { a: Int  deep: Deep ${SCOPE('a')} }
  input Deep { b: Int }
  enum Level @authenticated { LOW }
  extend type Query { other: Other }
  `,
  {},
);
const modules = [{ ...shop, policies: { mine: () => false } }];
const closed = [plain('closed', `type Query { a: Int @authenticated }`, {})];

const introspection = getIntrospectionQuery();

/** The schema as a client reads it. */
const printed = (data: unknown): string => {
  const schema = buildClientSchema(data as IntrospectionQuery);
  expect(validateSchema(schema)).toEqual([]);
  return printSchema(schema);
};

describe.each(EXECUTIONS)('%s execution', (execution) => {
  const seenBy = async (principal = ANONYMOUS as Parameters<typeof signedIn>[0] | typeof ANONYMOUS) => {
    const caller = 'kind' in Object(principal) ? ANONYMOUS : signedIn(principal as Parameters<typeof signedIn>[0]);
    const ask = executedBy(execution, modules, { principal: caller, introspection: 'caller' });
    return printed((await ask(introspection)).data);
  };

  test('an anonymous caller sees neither guarded fields nor what only they lead to', async () => {
    const text = await seenBy();
    expect(text).toContain('find(text: String, by: In): Item');
    for (const hidden of ['secret', 'only', 'admin', 'Admin', 'Mutation', 'Level', 'deep', 'Deep'])
      expect(text).not.toContain(hidden);
    expect(text).toContain('interface Named {\n  name: String\n}');
    // Other policies decide on values.
    expect(text).toContain('own: Own');
  });

  test('a caller with scopes and roles sees what they open', async () => {
    const scoped = await seenBy({ scopes: ['a'] });
    for (const shown of ['secret: String', 'only(key: ID!)', 'hidden', 'level: Level', 'deep: Deep', 'change'])
      expect(scoped).toContain(shown);
    expect(scoped).not.toContain('admin');
    expect(await seenBy({ roles: ['admin'] })).toContain('admin: Admin');
  });

  test('__type, aliases, fragments and other fields next to them are answered', async () => {
    const ask = executedBy(execution, modules, { introspection: 'caller' });
    const { data, errors } = await ask(
      'query ($n: String!) { open { name } a: __type(name: "Admin") { name } ...F t: __typename } fragment F on Query { b: __type(name: $n) { fields { name } } }',
      { n: 'Item' },
    );
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).toBe('{"open":null,"a":null,"b":{"fields":[{"name":"name"}]},"t":"Query"}');
  });

  test('a caller who may read nothing sees a schema', async () => {
    const ask = executedBy(execution, closed, { introspection: 'caller' });
    expect(printed((await ask(introspection)).data)).toContain('nothing: String');
  });

  test('one cached document shows each of two callers its own schema', async () => {
    const gateway = buildGateway({
      modules,
      execution,
      introspection: 'caller',
      store: memoryStore(systemClock),
      connect: () => () => Promise.reject(new Error('no upstream')),
    });
    await gateway.start();
    const run = async (principal: ReturnType<typeof signedIn> | typeof ANONYMOUS) =>
      printed((await gateway.execute(paramsOf(introspection), { ...anonymousRequest(), principal })).data);
    const admin = signedIn({ roles: ['admin'] });
    const texts = [await run(admin), await run(ANONYMOUS), await run(admin), await run(ANONYMOUS)];
    expect(texts.map((text) => text.includes('Admin'))).toEqual([true, false, true, false]);
  });

  describe('below another field', () => {
    const nesting = [
      plain('nest', `type Query { wrap: Wrap docs: [Doc] } type Wrap { query: Query } type Doc { id: ID }`, {
        resolvers: { Query: { wrap: () => ({ query: {} }), docs: () => [] } },
      }),
      plain('hid', `type Query { hid: Hid @authenticated } type Hid { v: String }`, {}),
    ];
    const REFUSED =
      /^Introspection is not allowed below other fields: request __(schema|type) at the root of a query\.$/;

    test.each([
      ['directly', '{ wrap { query { __schema { types { name } } } } }', {}],
      ['with a type', '{ wrap { query { a: __type(name: "Hid") { name } } } }', {}],
      ['in fragments', '{ wrap { query { ...F } } } fragment F on Query { ... { __type(name: "Hid") { name } } }', {}],
      [
        'in a fragment that is also at the root',
        '{ ...F wrap { query { ...F } } } fragment F on Query { __type(name: "Hid") { name } }',
        {},
      ],
      [
        'next to an operation that forces delegation',
        `query A($x: String!) { wrap { query { __type(name: $x) { name } } } }
         query B($x: Boolean!) { ...F } fragment F on Query { docs @include(if: $x) { id } }`,
        { x: 'Hid' },
      ],
    ])('__schema and __type are refused: %s', async (_how, document, variables) => {
      const ask = executedBy(execution, nesting, { introspection: 'caller' });
      const { data, errors } = await ask(document, variables, Object.hasOwn(variables, 'x') ? 'A' : null);
      expect(data).toBeUndefined();
      expect(errors?.map(({ message }) => message)).toEqual([expect.stringMatching(REFUSED)]);
    });

    test('they are answered if every caller sees the same schema', async () => {
      const ask = executedBy(execution, nesting, { introspection: true });
      const { data } = await ask('{ wrap { query { __type(name: "Hid") { name } } } }');
      expect(data).toEqual({ wrap: { query: { __type: { name: 'Hid' } } } });
    });

    test('__typename and other fields are answered, next to __type in a fragment at the root', async () => {
      const ask = executedBy(execution, nesting, { introspection: 'caller' });
      const { data } = await ask(
        '{ ...F wrap { query { __typename docs { id } } } } fragment F on Query { __type(name: "Hid") { name } }',
      );
      expect(data).toEqual({ __type: null, wrap: { query: { __typename: 'Query', docs: [] } } });
    });
  });

  test('messages name no hidden fields', async () => {
    const ask = executedBy(execution, modules, { introspection: 'caller' });
    const { errors } = await ask('{ admn { b } }');
    expect(JSON.stringify(errors)).not.toContain('admin');
  });
});
