import { batch, byKey, rest } from 'tributary/backend';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { type RedisConnection, redisStore } from '../../src/cache/redis.ts';
import type { LimitResult } from '../../src/rate-limit/limiter.ts';
import { redisLimiters } from '../../src/rate-limit/redis.ts';
import type { Call } from '../../src/upstream/call.ts';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const Rows = z.array(z.any());

const shelf = (sdl = '') =>
  define({
    name: 'shelf',
    typeDefs: typeDefs(`
      type Query { kept(id: ID!): Item  whole(id: ID!): Item @cacheControl(maxAge: 60) }
      type Item @cacheControl(inheritMaxAge: true) { id: ID!  text: String  n: Int ${sdl} }
    `),
    upstreams: { items: rest() },
    loaders: ({ items }) => ({
      itemById: batch(
        async (ids: readonly string[]) =>
          byKey(await items.get('/kept', { query: { ids: ids.join(',') }, response: Rows }), 'id'),
        { cache: { ttlMs: 60_000, scope: 'public' } },
      ),
    }),
    resolvers: {
      Query: {
        kept: (_root, { id }, { loaders }) => loaders.itemById.load(id),
        whole: async (_root, { id }, { clients }) =>
          (await clients.items.get('/whole', { query: { ids: id }, response: Rows }))[0],
      },
    },
  });

const items = ({ message }: Call): unknown => {
  const target = message.protocol === 'rest' ? message.target : '';
  const ids = new URL(target, 'http://shelf').searchParams.get('ids')?.split(',') ?? [];
  return ids.map((id) => ({ id, text: `text of ${id}`, n: 1 }));
};

const connected = async (): Promise<RedisConnection> => {
  const redis = await startRedis();
  onTestFinished(() => redis.close());
  const connection = await redisConnection(redis.url);
  onTestFinished(() => connection.close());
  return connection;
};

/** Invalid texts for a cache key, derived from the valid entry. */
const TEXTS: Readonly<Record<string, (right: string, other: string) => string>> = {
  nothing: () => '',
  'a number': () => '5',
  null: () => 'null',
  'a text': () => '"x"',
  'a list': () => '[]',
  'an object': () => '{}',
  'a boolean': () => 'true',
  'truncated JSON': () => '{"id":',
  'a byte that is no UTF-8': () => '\ufffd',
  'zero bytes': () => '\0\0\0\0',
  'white space': () => ' \n ',
  HTML: () => '<html></html>',
  'an envelope of another version': () => '{"v":2,"row":{"id":"a"}}',
  'a row without a seal': () => '{"id":"a","text":"stale","n":9}',
  'a row of another type': () => '{"id":"a","text":{"a":1},"n":"x"}',
  'the row of another key without a seal': () => '{"id":"OTHER","text":"k:OTHER","n":1}',
  'an answer without data': () => '{"at":0,"data":{}}',
  'an answer with another field': () => `{"at":${Date.now()},"data":{"other":1}}`,
  'an answer with a leaf instead of an object': () => `{"at":${Date.now()},"data":{"whole":5}}`,
  'an answer with fields that were not selected': () =>
    `{"at":${Date.now()},"data":{"whole":{"id":"w","text":{"a":1},"secret":1}}}`,
  'a prototype': () => '{"__proto__":{"id":"a"}}',
  'a deep list': () => '['.repeat(10_000),
  'the right value of another key': (_right, other) => other,
  'the right value with another row': (right) => right.replace('text of', 'secret of'),
  'the right value with one more field': (right) => right.replace('"text":', '"secret":1,"text":'),
  'the right value of another version': (right) => right.replace(/^\w+/, 'tr0'),
  'the right value, truncated': (right) => right.slice(0, -1),
  'the right value, twice': (right) => right + right,
  'the right value without its seal': (right) => right.slice(right.indexOf('{')),
  'the right value with another seal': (right) => right.replace(/ \w+ /, ' 0 '),
  'the right value in capitals': (right) => right.toUpperCase(),
};

const ASKED = [
  { query: '{ kept(id: "a") { id text n } }', other: '{ kept(id: "b") { id text n } }', route: 'GET /kept' },
  { query: '{ whole(id: "a") { id text n } }', other: '{ whole(id: "b") { id text n } }', route: 'GET /whole' },
];

describe.skipIf(noOwnRedis !== null)(`with Redis (${noOwnRedis ?? 'of its own'})`, () => {
  test.each(ASKED)(
    'whatever stands in Redis under a key of $query, the answer is right and comes from the upstream',
    async ({ query, other, route }) => {
      const connection = await connected();
      const { client } = connection;
      const gateway = await servedGateway({ modules: [shelf()], answer: items, store: redisStore(connection) });
      const rightFor = async (document: string) => {
        await client.flushAll();
        const { body } = await gateway.runQuery(document);
        const [key = ''] = await vi.waitFor(async () => {
          const keys = await client.keys('*');
          expect(keys).toHaveLength(1);
          return keys;
        }, LONG_WAIT);
        return { body, key, text: (await client.get(key)) ?? '' };
      };
      const { text: otherText } = await rightFor(other);
      const { body, key, text } = await rightFor(query);
      expect(body.errors).toBeUndefined();
      expect((await gateway.runQuery(query)).body).toEqual(body);
      expect(gateway.calls).toEqual([route, route]);

      const puts = new Map<string, () => Promise<unknown>>([
        ...Object.entries(TEXTS).map(([what, make]) => [what, () => client.set(key, make(text, otherText))] as const),
        ['a Redis list', () => client.rPush(key, 'x')],
        ['a Redis hash', () => client.hSet(key, 'id', 'a')],
        ['a Redis set', () => client.sAdd(key, 'a')],
      ]);
      for (const [what, put] of puts) {
        await client.del(key);
        await put();
        const junk = await client.get(key).catch(() => null);
        const before = gateway.calls.length;
        const answered = await gateway.runQuery(query);
        expect([what, answered.body]).toEqual([what, body]);
        expect([what, gateway.calls.slice(before)]).toEqual([what, [route]]);
        // The next value is set only after the gateway has replaced this one.
        await vi.waitFor(async () => expect([what, await client.get(key)]).not.toEqual([what, junk]), LONG_WAIT);
      }
    },
  );

  test('rows cached under another schema of the module are misses', async () => {
    const connection = await connected();
    const runQuery = async (sdl: string) => {
      const gateway = await servedGateway({ modules: [shelf(sdl)], answer: items, store: redisStore(connection) });
      const { body } = await gateway.runQuery('{ kept(id: "a") { id text n } }');
      expect(body.errors).toBeUndefined();
      await vi.waitFor(async () => expect(await connection.client.keys('*')).toHaveLength(1), LONG_WAIT);
      return gateway.calls.length;
    };
    expect([await runQuery(''), await runQuery(''), await runQuery('added: String')]).toEqual([1, 0, 1]);
  });

  test('an invalid counter begins a new window: the limit neither disappears nor rejects for ever', async () => {
    const connection = await connected();
    const { client } = connection;
    const limiter = redisLimiters(connection)({ limit: 3, seconds: 60 });
    await limiter.consume('who');
    const [key = ''] = await client.keys('*');
    const puts = new Map<string, () => Promise<unknown>>([
      ['a text', () => client.set(key, 'x', { EX: 60 })],
      ['nothing', () => client.set(key, '', { EX: 60 })],
      ['a negative number', () => client.set(key, '-1000', { EX: 60 })],
      ['a fraction', () => client.set(key, '1.5', { EX: 60 })],
      ['an exponent', () => client.set(key, '1e3', { EX: 60 })],
      ['a number beyond 2^53', () => client.set(key, '9223372036854775807', { EX: 60 })],
      ['JSON', () => client.set(key, '{"count":1}', { EX: 60 })],
      ['a counter without an expiry', () => client.set(key, '5')],
      ['a counter that expires in a year', () => client.set(key, '5', { EX: 31_536_000 })],
      ['a Redis list', () => client.rPush(key, '1')],
      ['a Redis hash', () => client.hSet(key, 'count', '1')],
    ]);
    for (const [what, put] of puts) {
      await client.del(key);
      await put();
      const results: LimitResult[] = [];
      for (let call = 0; call < 4; call += 1) results.push(await limiter.consume('who'));
      expect([what, results.map(({ admitted }) => admitted)]).toEqual([what, [true, true, true, false]]);
      expect(results.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
      for (const { resetMs } of results) expect(resetMs).toBeLessThanOrEqual(60_000);
      expect(await client.get(key)).toBe('4');
    }
    await client.set(key, '3', { EX: 30 });
    expect(await limiter.consume('who')).toMatchObject({ admitted: false, remaining: 0 });
  });
});
