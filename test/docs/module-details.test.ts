import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphQLResolveInfo } from 'graphql';
import { batch, loaded, rest, type SchemaModule, UpstreamError } from 'tributary/backend';
import { reply, type ScriptedRequest, scripted, testBackend } from 'tributary/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { discoverModules } from '../../src/app/discover-modules.ts';
import { USUAL_SCALARS } from '../../src/backend/define/scalars/built-in-scalars.ts';
import type { RestClient } from '../../src/backend/rest/rest-client.ts';
import { define, pathsAndCodes, plain, typeDefs } from '../support/modules/small-modules.ts';

const ofQuery = (sdl: string, query: Record<string, unknown>, parts: Partial<SchemaModule> = {}) =>
  testBackend(
    plain('m', sdl, { ...parts, resolvers: { Query: query, ...parts.resolvers } as SchemaModule['resolvers'] }),
    {},
  );

/** A module with one REST upstream. Its field `a` has the result of `call`. */
const calling = (call: (api: RestClient) => Promise<unknown>) =>
  define({
    name: 'm',
    typeDefs: typeDefs('type Query { a: JSON }'),
    upstreams: { api: rest() },
    resolvers: { Query: { a: (_root, _args, { clients }) => call(clients.api) } },
  });

test('a property is read by the field’s name, and a method is called with the arguments', async () => {
  const { query } = ofQuery(
    'type Query { p: Person } type Person { fullName: String  full_name: String  hi(to: String): String }',
    {
      p: () => ({ full_name: 'Ada', hi: ({ to }: { to: string }) => `hi ${to}` }),
    },
  );
  expect((await query('{ p { fullName full_name hi(to: "x") } }')).data.p).toEqual({
    fullName: null,
    full_name: 'Ada',
    hi: 'hi x',
  });
});

test('names are mapped by the response schema or by a resolver', async () => {
  const Person = z
    .object({ id: z.string(), full_name: z.string() })
    .transform(({ id, full_name: fullName }) => ({ id, fullName }));
  const people = define({
    name: 'm',
    typeDefs: typeDefs(
      'type Query { p: Person q: Row } type Person { id: ID fullName: String } type Row { fullName: String }',
    ),
    upstreams: { api: rest() },
    resolvers: {
      Query: {
        p: (_root, _args, { clients }) => clients.api.get('/p', { response: Person }),
        q: () => ({ full_name: 'Bo' }),
      },
      Row: { fullName: ({ full_name }) => full_name },
    },
  });
  const gateway = testBackend(people, { api: scripted().get('/p', { id: '1', full_name: 'Ada' }) });
  expect((await gateway.query('{ p { id fullName } q { fullName } }')).data).toEqual({
    p: { id: '1', fullName: 'Ada' },
    q: { fullName: 'Bo' },
  });
});

test('rows of interfaces and unions need __typename, other rows do not', async () => {
  const { query } = ofQuery(
    'type Query { n: [Node] u: [U] a: A } interface Node { id: ID } type A implements Node { id: ID } type B { y: Int } union U = A | B',
    {
      n: () => [{ __typename: 'A', id: 1 }, { id: 2 }, { __typename: 'B' }],
      u: () => [{ __typename: 'B', y: 1 }, { __typename: 'Nope' }],
      a: () => ({ id: 3 }),
    },
  );
  const { data, errors } = await query('{ n { id } u { ... on B { y } } a { id } }');
  expect(data).toEqual({ n: [{ id: '1' }, null, null], u: [{ y: 1 }, null], a: { id: '3' } });
  expect(pathsAndCodes(errors)).toEqual([
    'n.1 INTERNAL_SERVER_ERROR',
    'n.2 INTERNAL_SERVER_ERROR',
    'u.1 INTERNAL_SERVER_ERROR',
  ]);
});

test('the key of `loaded` is one field, several, or a function of the row; null in any of them loads nothing', async () => {
  const asked: unknown[] = [];
  const found = batch(
    async (keys: readonly unknown[]) => {
      asked.push(...keys);
      return new Map(keys.map((key) => [JSON.stringify(key), key === 'none' ? null : `v${JSON.stringify(key)}`]));
    },
    { key: (key: unknown) => JSON.stringify(key) } as never,
  );
  const map = (value: unknown) => `mapped ${value}`;
  const { query } = ofQuery(
    'type Query { r: Row } type Row { one: String two: String fn: String no: String part: String none: String must: String! }',
    { r: () => ({ a: 'A', b: 'B', x: null, gone: 'none' }) },
    {
      loaders: () => ({ found }) as never,
      resolvers: {
        Row: {
          one: loaded('found', 'a'),
          two: loaded('found', ['a', 'b']),
          fn: loaded('found', (row: unknown) => String(Reflect.get(Object(row), 'a')).toLowerCase()),
          no: loaded('found', 'x', map),
          part: loaded('found', ['a', 'x'], map),
          none: loaded('found', 'gone', map),
          must: loaded('found', 'gone'),
        },
      },
    },
  );
  expect((await query('{ r { one two fn no part none } }')).data.r).toEqual({
    one: 'v"A"',
    two: 'v{"a":"A","b":"B"}',
    fn: 'v"a"',
    no: null,
    part: null,
    none: 'mapped null',
  });
  expect(asked).toEqual(['A', { a: 'A', b: 'B' }, 'a', 'none']);
  expect(pathsAndCodes((await query('{ r { must } }')).errors)).toEqual(['r.must NOT_FOUND']);
});

test('needs has fields with selections, literals and aliases; the resolver finds them under these names', async () => {
  const giver = plain(
    'giver',
    'type Query { t: T } type T { id: ID! tags: [String!] size: Size rating(scale: Int): Int } type Size { w: Int }',
    {
      merge: { T: { key: 'id' } },
      resolvers: {
        Query: { t: () => ({ id: 't1', tags: ['a'], size: { w: 4, h: 5 } }) },
        T: { rating: (_row, args) => Reflect.get(Object(args), 'scale') },
      },
    },
  );
  const taker = (...needs: string[]) =>
    plain('taker', 'type T { id: ID! computed: String }', {
      merge: { T: { key: 'id', needs: { computed: needs } } },
      resolvers: { T: { computed: (row) => JSON.stringify(row) } },
    });
  const { query } = testBackend(giver, {}, { beside: [taker('tags', 'size { w }', 'five: rating(scale: 5)')] });
  const { data } = await query('{ t { computed } }');
  expect(JSON.parse(data.t.computed)).toEqual({ id: 't1', tags: ['a'], size: { w: 4 }, five: 5 });
  const problem = (need: string) => () => testBackend(giver, {}, { beside: [taker(need)] });
  expect(problem('size')).toThrow('must have a selection of subfields');
  expect(problem('size { __typename }')).toThrow('has __typename');
  expect(problem('rating(scale: $n)')).toThrow('has the variable $n');
});

test('a value type must be the same in every module, except for descriptions', () => {
  const a = plain('a', 'type Query { a: Money } "One." type Money { amount: Int! }', {});
  const b = (amount: string) => plain('b', `type Query { b: Money } type Money { "Other." amount: ${amount} }`, {});
  expect(() => testBackend(a, {}, { beside: [b('Int!')] })).not.toThrow();
  expect(() => testBackend(a, {}, { beside: [b('Int')] })).toThrow('Money of b differs from Money of a');
});

test('info has the types of the module and the path of the client', async () => {
  const seen: GraphQLResolveInfo[] = [];
  const { query } = ofQuery(
    'type Query { rows: [Row] } type Row { id: ID }',
    { rows: () => [{}, {}] },
    {
      resolvers: {
        Row: {
          id: (_row: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
            seen.push(info);
            return info.path.key;
          },
        },
      },
    },
  );
  await query('query Q($on: Boolean = true) { all: rows { x: id @include(if: $on) } }');
  const [, info] = seen;
  expect(info?.path).toMatchObject({ key: 'x', prev: { key: 1, prev: { key: 'all' } } });
  expect([info?.fieldName, String(info?.parentType), String(info?.returnType)]).toEqual(['id', 'Row', 'ID']);
  expect([info?.operation.name?.value, info?.variableValues, info?.rootValue]).toEqual(['Q', { on: true }, undefined]);
  expect(info?.schema.getType('Row')).toBeDefined();
});

test.each<[string, unknown, unknown, unknown]>([
  ['Base64', 'AP8=', Buffer.from([0, 255]), 'AP8='],
  ['BigInt', 12, 12, 12],
  ['BigInt', '9007199254740993', 9007199254740993n, '9007199254740993'],
  ['Date', '2024-01-02', new Date('2024-01-02T00:00:00Z'), '2024-01-02'],
  ['DateTime', '2024-01-02T10:00:00.123999+02:00', new Date('2024-01-02T08:00:00.123Z'), '2024-01-02T08:00:00.123Z'],
  ['EmailAddress', 'A@B.example', 'A@B.example', 'A@B.example'],
  ['JSON', { a: [1] }, { a: [1] }, { a: [1] }],
  ['URL', 'http://a.example/b', new URL('http://a.example/b'), 'http://a.example/b'],
  [
    'UUID',
    '123E4567-E89B-12D3-A456-426614174000',
    '123E4567-E89B-12D3-A456-426614174000',
    '123E4567-E89B-12D3-A456-426614174000',
  ],
])('%s: %s', (name, text, argument, answer) => {
  const type = USUAL_SCALARS[name]?.type;
  expect(type?.parseValue(text)).toEqual(argument);
  expect(type?.serialize(text)).toEqual(answer);
  expect(type?.serialize(argument)).toEqual(answer);
});

test('an argument of type BigInt is a bigint beyond 2^53 only, and its generated type has both', () => {
  const { type, input } = USUAL_SCALARS.BigInt ?? {};
  expect([typeof type?.parseValue(5), typeof type?.parseValue('9007199254740993'), input]).toEqual([
    'number',
    'bigint',
    'bigint | number',
  ]);
});

test.each(['AP8', 'AP9=', 'A P8=', '_w==', 'é', 7])('%s is not a Base64', (value) => {
  expect(() => USUAL_SCALARS.Base64?.type.parseValue(value)).toThrow('The value is not base64');
});

test('a number as DateTime is a time in milliseconds', () => {
  expect(USUAL_SCALARS.DateTime?.type.serialize(1_704_189_600_000)).toBe('2024-01-02T10:00:00.000Z');
});

test('a list in a query repeats the parameter; null and an empty list omit it', async () => {
  const a = calling((api) =>
    api.get('/x', { query: { ids: ['a', 'b'], after: null, none: [], n: 5 }, response: z.any() }),
  );
  const gateway = testBackend(a, { api: scripted().get('/x', ({ url }: ScriptedRequest) => url) });
  expect((await gateway.query('{ a }')).data.a).toBe('/x?ids=a&ids=b&n=5');
});

test('z.undefined() accepts a 204', async () => {
  const a = calling(async (api) => (await api.delete('/x', { response: z.undefined() })) === undefined);
  const gateway = testBackend(a, { api: scripted().delete('/x', reply({ status: 204 })) });
  expect((await gateway.query('{ a }')).data).toEqual({ a: true });
});

test('an UpstreamError has the fields of the docs page', async () => {
  const failed: UpstreamError[] = [];
  const a = calling((api) =>
    api.get('/x/{id}', { path: { id: 1 }, response: z.any() }).catch((error: unknown) => {
      if (error instanceof UpstreamError) failed.push(error);
    }),
  );
  const answers = [
    reply({ status: 409, body: { type: '/shipped', violations: [{ field: 'a', message: 'b', x: 1 }], orderId: 'o1' } }),
    reply({ status: 503, headers: { 'retry-after': '7' } }),
    new Error('gone'),
  ];
  for (const answer of answers) await testBackend(a, { api: scripted().get('/x/{id}', answer) }).query('{ a }');
  expect(failed).toMatchObject([
    {
      code: 'CONFLICT',
      upstream: 'm.api',
      route: 'GET /x/{id}',
      status: 409,
      retryAfterMs: null,
      details: { problem: 'shipped', violations: [{ field: 'a', message: 'b' }] },
    },
    { code: 'SERVICE_UNAVAILABLE', status: 503, retryAfterMs: 7_000, details: undefined },
    { code: 'UPSTREAM_ERROR', status: null, reason: 'gone' },
  ]);
});

test('every folder is a module, except those with a leading dot or underscore; files are ignored', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modules-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ['_shared', '.git', 'node_modules', 'empty']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'money.ts'), 'export {};');
  const { modules, problems } = await discoverModules(folder);
  expect(modules).toEqual([]);
  expect(problems).toEqual([expect.stringContaining('empty/index.ts')]);
});
