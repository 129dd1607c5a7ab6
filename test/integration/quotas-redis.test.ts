import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectRedis, type RedisConnection } from '../../src/cache/redis.ts';
import { systemClock } from '../../src/core/clock.ts';
import { redisCallCounters } from '../../src/rate-limit/redis-call-counter.ts';
import { callCounterSuite } from '../suites/call-counter.ts';
import { noOwnRedis, redisUrl, startRedis } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const url = await redisUrl();

const working = async (): Promise<RedisConnection> => {
  const connection = await redisConnection(url ?? '');
  onTestFinished(() => connection.close());
  return connection;
};

describe.skipIf(url === null)(`with Redis (${url ?? 'neither REDIS_URL nor redis-server is there'})`, () => {
  callCounterSuite('in Redis', async () => redisCallCounters(await working()));

  test('two gateways together admit at most the quota in every period, and nearly all of it', async () => {
    const quota = { limit: 40, seconds: 1 };
    const name = randomUUID();
    const counters = await Promise.all([1, 2].map(async () => redisCallCounters(await working())(quota, name)));
    const admitted: number[] = [];
    const until = performance.now() + 4_000;
    const load = async (counter: (typeof counters)[number]) => {
      while (performance.now() < until) {
        const before = performance.now();
        if ((await counter.take()).admitted) admitted.push(before);
        await new Promise(setImmediate);
      }
    };
    await Promise.all(counters.flatMap((counter) => [1, 2, 3, 4].map(() => load(counter))));
    // Times before the request to Redis: a busy machine makes them earlier, never later, so that sums over shorter periods hold.
    expect(admitted.length).toBeGreaterThan(40);
    expect(admitted.length).toBeLessThanOrEqual(5 * 40);
  });

  test('a key of another type or with other values is replaced', async () => {
    const connection = await working();
    const [quota, name] = [{ limit: 2, seconds: 60 }, randomUUID()];
    const key = `tributary:quota:2/60s:${name}`;
    await connection.client.set(key, 'text');
    const counter = redisCallCounters(connection)(quota, name);
    expect((await counter.take()).admitted).toBe(true);
    await connection.client.del(key);
    await connection.client.hSet(key, { n: 'x', until: 'y', bzz: '9', left: '', b1: '-5' });
    expect((await counter.take()).admitted).toBe(true);
    expect((await counter.take()).admitted).toBe(true);
    expect((await counter.take()).admitted).toBe(false);
  });
});

test.skipIf(noOwnRedis !== null)(
  'without Redis a gateway admits its part, its earlier calls included, and reports them at the return of Redis',
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const connection = await connectRedis(redis.url, systemClock, { warn: () => {} }, { limitMs: 2_000 });
    onTestFinished(() => connection.close());
    await vi.waitUntil(() => connection.state === 'ok', LONG_WAIT);
    const [quota, name] = [{ limit: 10, seconds: 3_600 }, randomUUID()];
    const open = redisCallCounters(connection, { replicas: 2 });
    const counter = open(quota, name);
    for (let call = 0; call < 3; call += 1) expect((await counter.take()).admitted).toBe(true);
    await redis.kill();
    const alone = await Promise.all(Array.from({ length: 6 }, () => counter.take()));
    expect(alone.filter(({ admitted }) => admitted)).toHaveLength(2);
    const again = await startRedis(redis.port);
    onTestFinished(() => again.close());
    await vi.waitUntil(() => connection.state === 'ok', LONG_WAIT);
    // The new Redis is empty: it receives the two calls that the old one never had.
    expect((await counter.take()).admitted).toBe(true);
    const rest = await Promise.all(Array.from({ length: 20 }, () => open(quota, name).take()));
    expect(rest.filter(({ admitted }) => admitted)).toHaveLength(7);
  },
);
