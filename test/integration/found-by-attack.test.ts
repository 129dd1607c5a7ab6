import { setTimeout as wait } from 'node:timers/promises';
import { rest } from 'tributary/backend';
import { scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { errorsOf, startShop } from '../support/gateway/gateway.ts';
import { define, pathsAndCodes, plain, typeDefs } from '../support/modules/small-modules.ts';

test('a short document that multiplies lists by lists fails with COST_LIMIT, and the gateway still answers', async () => {
  await using shop = await startShop();
  const deep = (levels: number): string =>
    levels === 0 ? 'id' : `customer { orders(first: 100) { ${deep(levels - 1)} } }`;
  const answer = await shop.query(`{ orders(first: 2000) { ${deep(3)} } }`);
  expect(answer.data).toBeNull();
  expect(answer.errors.map(({ extensions }) => extensions.code)).toEqual(['COST_LIMIT']);
  expect((await shop.query('{ order(id: "o1") { id } }')).data).toEqual({ order: { id: 'o1' } });
});

test.each([
  'interface Sec @authenticated { id: ID! } extend interface Sec { secret: String }',
  'interface Sec { id: ID! secret: String } extend interface Sec @authenticated',
])('a requirement on an interface covers fields of its extensions: %s', async (sdl) => {
  const safe = plain('safe', `${sdl} type A implements Sec { id: ID! secret: String } type Query { thing: A }`, {
    resolvers: { Query: { thing: () => ({ id: '1', secret: 'S' }) } },
  });
  const { data, errors } = await testBackend(safe, {}).query('{ thing { secret } }');
  expect(data).toEqual({ thing: { secret: null } });
  expect(pathsAndCodes(errors)).toEqual(['thing.secret UNAUTHENTICATED']);
});

test('a field computed from another field requires the authorization of that field', async () => {
  const owner = plain('owner', 'type Query { thing: Thing } type Thing { id: ID! secret: String @authenticated }', {
    merge: { Thing: { key: 'id' } },
    resolvers: { Query: { thing: () => ({ id: '1', secret: 'S' }) } },
  });
  const other = plain('other', 'type Thing { id: ID! derived: String }', {
    merge: { Thing: { key: 'id', needs: { derived: ['secret'] } } },
    resolvers: { Thing: { derived: (thing) => `from ${Reflect.get(Object(thing), 'secret')}` } },
  });
  const runQuery = (principal?: ReturnType<typeof signedIn>) =>
    testBackend(owner, {}, { beside: [other], ...(principal && { principal }) }).query('{ thing { derived } }');
  const refused = await runQuery();
  expect(refused.data).toEqual({ thing: { derived: null } });
  expect(pathsAndCodes(refused.errors)).toEqual(['thing.derived UNAUTHENTICATED']);
  expect((await runQuery(signedIn())).data).toEqual({ thing: { derived: 'from S' } });
});

test('a mutation reads what it has written, even during a concurrent read of the old value', async () => {
  let value = 1;
  const store = define({
    name: 'store',
    typeDefs: typeDefs('type Query { v: Int } type Mutation { set(to: Int!): Int }'),
    upstreams: { api: rest() },
    resolvers: {
      Query: { v: (_root, _args, { clients }) => clients.api.get('/v', { response: z.int() }) },
      Mutation: {
        set: async (_root, { to }, { clients }) => {
          await clients.api.put('/v', { body: to, response: z.int() });
          return clients.api.get('/v', { response: z.int() });
        },
      },
    },
  });
  const slow = Promise.withResolvers<void>();
  let reads = 0;
  const api = scripted()
    .put('/v', ({ body }: { body: unknown }) => {
      value = Number(body);
      return value;
    })
    .get('/v', async () => {
      const read = value;
      reads += 1;
      if (reads === 1) await slow.promise;
      return read;
    });
  const gateway = testBackend(store, { api });
  const earlier = gateway.query('{ v }');
  await expect.poll(() => reads).toBe(1);
  expect((await gateway.query('mutation { set(to: 2) }')).data).toEqual({ set: 2 });
  slow.resolve();
  expect((await earlier).data).toEqual({ v: 1 });
});

test('variables of similar JSON are different cache keys, and undeclared variables are ignored', async () => {
  let asked = 0;
  const echo = plain('echo', 'type Query { echo(filter: JSON): String @cacheControl(maxAge: 60) }', {
    resolvers: {
      Query: {
        echo: (_root, args) => {
          asked += 1;
          return JSON.stringify(Reflect.get(Object(args), 'filter'));
        },
      },
    },
  });
  const gateway = testBackend(echo, {}, { store: 'memory' });
  const runQuery = async (f: unknown, more: object = {}) =>
    (await gateway.query('query ($f: JSON) { echo(filter: $f) }', { f, ...more })).data.echo;
  for (const f of [{ a: 1 }, [['a', 1]], { object: [['a', 1]] }, {}, [], null])
    expect(await runQuery(f)).toBe(JSON.stringify(f));
  await wait(20);
  const before = asked;
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(await runQuery({ a: 1 }, { undeclared: deep })).toBe('{"a":1}');
  expect(asked).toBe(before);
});

test.each([
  ['query ($x: Boolean = true) { customer(id: "c1") @include(if: $x) { id } }', { x: null }],
  ['query ($x: Int = 3) { lowStock(first: $x) { id } }', { x: null }],
])('a null variable in a non-null place is BAD_USER_INPUT: %s', async (document, variables) => {
  await using shop = await startShop();
  const answer = await shop.query(document, variables);
  expect(errorsOf(answer).map((line) => line.split(' ').at(-1))).toEqual(['BAD_USER_INPUT']);
});

test.each(['constructor', 'toString', '__proto__'])('a variable named %s is rejected', async (name) => {
  await using shop = await startShop();
  const answer = await shop.query(`query ($${name}: Int) { orders(first: $${name}) { id } }`);
  expect([answer.status, errorsOf(answer)[0]?.split(' ').at(-1)]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
});
