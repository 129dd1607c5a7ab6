import { Kind, parse } from 'graphql';
import { defineBackend, rest } from 'tributary/backend';
import { reply, scripted, signedIn, testBackend } from 'tributary/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { memoryStore } from '../../src/cache/memory.ts';
import { redisStore } from '../../src/cache/redis.ts';
import type { CacheStore } from '../../src/cache/store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { ageOf, withOperationCache } from '../../src/graph/apollo/operation-cache.ts';
import { redisUrl } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { anonymousRequest } from '../support/gateway/executed.ts';

// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const news = defineBackend<any>()({
  name: 'news',
  typeDefs: {
    file: import.meta.filename,
    text: `
      type Query {
        headline(of: String = "all"): String @cacheControl(maxAge: 60)
        draft: String @cacheControl(maxAge: 60) @policy(policies: [["role:admin"]])
        mine: String @cacheControl(maxAge: 60, scope: PRIVATE)
        weather: String
        quota: String @cacheControl(maxAge: 60) @rateLimit(limit: 2, duration: 60)
      }`,
  },
  upstreams: { desk: rest() },
  resolvers: {
    Query: Object.fromEntries(
      ['headline', 'draft', 'mine', 'weather', 'quota'].map((field) => [
        field,
        // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
        (_root: unknown, { of }: { of?: string }, { clients }: any) =>
          clients.desk.get('/{field}', { path: { field }, query: { of }, response: z.string() }),
      ]),
    ),
  },
});

const ADMIN = signedIn({ subject: 'boss', roles: ['admin'] });

/** Every answer has its own number, so that a cached answer is recognizable. */
const numbered = (store: CacheStore) => {
  let count = 0;
  const desk = scripted().get('/{field}', ({ path }: { path: string }) => `${path} ${++count}`);
  return testBackend(news, { desk }, { store });
};

const openRedis = async (): Promise<CacheStore | null> => {
  const url = await redisUrl();
  if (url === null) return null;
  const connection = await redisConnection(url);
  onTestFinished(() => connection.close());
  return redisStore(connection);
};

const STORES: readonly (readonly [name: string, open: () => Promise<CacheStore | null>])[] = [
  ['memory', async () => memoryStore(systemClock)],
  ['Redis', openRedis],
];

/** An alias that differs from those of other runs: Redis keeps answers between runs. */
const only = () => `t${Math.random().toString(36).slice(2)}`;

for (const [name, open] of STORES)
  describe(`whole answers cached in ${name}`, () => {
    const withStore = (promise: string, run: (gateway: ReturnType<typeof numbered>, alias: string) => Promise<void>) =>
      test(promise, async ({ skip }) => {
        const store = await open();
        if (store === null) return skip('there is no Redis, and no redis-server to start one');
        await run(numbered(store), only());
      });

    withStore('a repeated public operation costs no second call', async (gateway, alias) => {
      const runQuery = async (document = `{ ${alias}: headline }`, principal?: typeof ADMIN) =>
        (await gateway.query(document, {}, principal)).data[alias];
      let last: unknown;
      // The first answers may arrive before the store has written one.
      const again = async () => {
        const [before, now] = [last, await runQuery()];
        last = now;
        return before === now;
      };
      await expect.poll(again).toBe(true);
      const calls = gateway.calls.length;
      expect(await runQuery(`{   ${alias}: headline }`, ADMIN)).toBe(last); // for any caller, and with any layout of the document
      expect(gateway.calls).toHaveLength(calls);
    });

    withStore('other variables have another cache entry', async (gateway, alias) => {
      const document = `query($of: String) { ${alias}: headline(of: $of) }`;
      const answers = await Promise.all(
        ['a', 'b'].map(async (of) => (await gateway.query(document, { of })).data[alias]),
      );
      expect(new Set(answers).size).toBe(2);
    });

    withStore(
      'a guarded operation is rejected for an anonymous caller, even after an admin was served',
      async (gateway, alias) => {
        const document = `{ ${alias}: draft }`;
        const runQuery = async (principal?: typeof ADMIN) => {
          const { data, errors } = await gateway.query(document, {}, principal);
          return errors?.map(({ extensions }) => extensions?.code) ?? typeof data[alias];
        };
        expect(await runQuery()).toEqual(['UNAUTHENTICATED']);
        expect(await runQuery(ADMIN)).toBe('string');
        expect(await runQuery()).toEqual(['UNAUTHENTICATED']);
        expect(await runQuery(signedIn())).toEqual(['FORBIDDEN']);
      },
    );

    withStore('an operation with a guarded field is not cached', async (gateway, alias) => {
      const asked = async (principal?: typeof ADMIN) =>
        (await gateway.query(`{ ${alias}: headline draft }`, {}, principal)).data;
      const [one, two] = [await asked(ADMIN), await asked(ADMIN)];
      expect(one[alias]).not.toBe(two[alias]);
      expect(await asked()).toMatchObject({ draft: null });
    });

    withStore('private, rate limited and unhinted operations are not cached', async (gateway, alias) => {
      for (const field of ['mine', 'weather', 'quota']) {
        const asked = async () => (await gateway.query(`{ ${alias}: ${field} }`)).data[alias];
        expect(await asked()).not.toBe(await asked());
      }
      expect((await gateway.query(`{ ${alias}: quota }`)).errors).toMatchObject([
        { extensions: { code: 'RATE_LIMITED' } },
      ]);
    });
  });

test('an answer with an error is not cached', async () => {
  let failures = 1;
  const desk = scripted().get('/{field}', () => (failures-- > 0 ? reply({ status: 500 }) : 'well again'));
  const gateway = testBackend(news, { desk }, { store: 'memory' });
  expect((await gateway.query('{ headline }')).errors).toHaveLength(1);
  expect((await gateway.query('{ headline }')).data).toEqual({ headline: 'well again' });
});

test('an invalid entry in the store is ignored', async () => {
  const lying: CacheStore = {
    state: 'ok',
    getMany: async (keys) => keys.map(() => '[not json'),
    setMany: async () => {},
    close: async () => {},
  };
  expect((await numbered(lying).query('{ headline }')).data).toEqual({ headline: '/headline 1' });
});

test('a cached answer is served until it expires, and its age increases', async () => {
  let now = 1_000_000;
  let made = 0;
  const run = withOperationCache({
    subsetsOf: () => '',
    store: memoryStore(systemClock),
    policyOf: () => ({ maxAge: 30, isPrivate: false, isLimited: false }),
    fingerprint: 'x',
    now: () => now,
  })(async () => ({ data: { made: ++made } }));
  const document = parse('{ made }');
  const operation = document.definitions[0];
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const runQuery = async () => {
    const request = anonymousRequest();
    return [(await run({ document, operation, variables: {} }, request)).data?.made, ageOf(request)];
  };
  expect(await runQuery()).toEqual([1, 0]);
  now += 29_999;
  expect(await runQuery()).toEqual([1, 29]);
  now += 1;
  expect(await runQuery()).toEqual([2, 0]);
});
