import { randomUUID } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RedisCounters } from '../../src/rate-limit/counters/redis-counters.ts';
import { redisLimiters } from '../../src/rate-limit/redis.ts';
import { readLimits } from '../../src/rate-limit/rules/read-limits.ts';
import { RuleSet } from '../../src/rate-limit/rules/rule-set.ts';
import { redisUrl } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const PINGS = /^(\*1\r\n\$4\r\nPING\r\n)+$/;
const PONGS = /^(\+PONG\r\n)+$/;

/** A Redis behind a proxy that records each chunk of bytes: `commands` for those of the client, `replies` for the others. */
const recordedRedis = async (url: string) => {
  const chunks: ('commands' | 'replies')[] = [];
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    sockets.push(client, server);
    client.on('data', (data) => {
      if (!PINGS.test(data.toString())) chunks.push('commands');
      server.write(data);
    });
    server.on('data', (data) => {
      if (!PONGS.test(data.toString())) chunks.push('replies');
      client.write(data);
    });
    for (const socket of [client, server]) socket.on('error', () => {}).on('close', () => client.destroy());
  });
  const at = await new Promise<number>((resolve) => {
    proxy.listen(0, '127.0.0.1', () => resolve(Object(proxy.address()).port));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return {
    url: `redis://127.0.0.1:${at}`,
    /** Returns the number of round trips since the last call: how often commands followed replies. */
    roundTrips: () => {
      const recorded = chunks.splice(0);
      return recorded.filter((chunk, at) => chunk === 'commands' && recorded[at - 1] !== 'commands').length;
    },
  };
};

const shop = define({
  name: 'shop',
  typeDefs: typeDefs(`
    type Query {
      a: Int @rateLimit(limit: 100, duration: 60)
      b: Int @rateLimit(limit: 200, duration: 60)
      c: Int @rateLimit(limit: 100, duration: 30)
      items: [Item!]! @rateLimit(limit: 100, duration: 60)
      free: Int
    }
    type Item { n: Int @rateLimit(limit: 500, duration: 60)  m: Int @rateLimit(limit: 600, duration: 60) }`),
  resolvers: {
    Query: { a: () => 1, b: () => 1, c: () => 1, free: () => 1, items: () => [{}, {}, {}, {}, {}] },
    Item: { n: () => 1, m: () => 1 },
  },
});

const FILE = {
  rules: [
    { name: 'minute', rates: ['100/1m', '1000/1h', '5000/1d'] },
    { name: 'field', when: { field: ['Query.a'] }, key: ['caller', 'field'], count: 'fields', rates: ['100/1m'] },
    { name: 'slow', when: { kind: ['query'] }, rates: ['100/1m;burst=50'] },
  ],
};

const url = await redisUrl();

describe.skipIf(url === null)(`with Redis (${url ?? 'neither REDIS_URL nor redis-server is there'})`, () => {
  test.each([
    ['no limited field', '{ free }', 1],
    ['limited fields at the root', '{ a b c d: a e: b f: c }', 2],
    ['a list with limited fields', '{ a items { n m o: n } }', 3],
  ])(
    'all rules of a request are one round trip, and limited fields one more for each level: %s',
    async (_, query, trips) => {
      const recorded = await recordedRedis(url ?? '');
      const redis = await redisConnection(recorded.url);
      onTestFinished(() => redis.close());
      const namespace = `tributary:test:${randomUUID()}`;
      const { limits } = readLimits(JSON.stringify(FILE));
      if (limits === null) throw new Error('The limits are not valid.');
      const set = new RuleSet(limits);
      const { runQuery } = await servedGateway({
        modules: [shop],
        openLimiter: redisLimiters(redis, { namespace }),
        requestLimits: { rules: () => set, counters: new RedisCounters(redis, { namespace }), guesses: null },
      });
      // Redis receives the text of the script.
      await runQuery('{ free }');
      recorded.roundTrips();
      for (let n = 0; n < 5; n += 1) {
        const { status, body } = await runQuery(query);
        expect([status, body.errors]).toEqual([200, undefined]);
        expect(recorded.roundTrips()).toBe(trips);
      }
    },
  );
});
