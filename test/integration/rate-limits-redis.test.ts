import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectRedis, type RedisConnection } from '../../src/cache/redis.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Limiter } from '../../src/rate-limit/limiter.ts';
import { type RedisOptions, redisLimiters } from '../../src/rate-limit/redis.ts';
import { limiterSuite } from '../suites/limiter.ts';
import { noOwnRedis, redisUrl, startRedis } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { serveLimited } from '../support/gateway/limited.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { freePort } from '../support/processes/ports.ts';

const silent = { warn: () => {} };
const QUOTA = { limit: 10, seconds: 3_600 };

/** Timeout of one call in milliseconds, for a Redis that fails later. */
const LIMIT_MS = 2_000;

/** Waits for a Redis that is present: a busy machine may exceed the limit of the first connection. */
const connected = async (url: string, isPresent = true): Promise<RedisConnection> => {
  const connection = await connectRedis(url, systemClock, silent, { limitMs: LIMIT_MS });
  onTestFinished(() => connection.close());
  if (isPresent) await vi.waitUntil(() => connection.state === 'ok', LONG_WAIT);
  return connection;
};

/** A connection to a Redis that keeps working. */
const working = async (url: string): Promise<RedisConnection> => {
  const connection = await redisConnection(url);
  onTestFinished(() => connection.close());
  return connection;
};

const limiterOn = async (url: string, options: RedisOptions = {}, isPresent = true): Promise<Limiter> =>
  redisLimiters(await connected(url, isPresent), options)(QUOTA);

const admittedOf = async (limiter: Limiter, count: number, key: string): Promise<number> => {
  const results = await Promise.all(Array.from({ length: count }, () => limiter.consume(key)));
  return results.filter(({ admitted }) => admitted).length;
};

const url = await redisUrl();

describe.skipIf(url === null)(`with Redis (${url ?? 'neither REDIS_URL nor redis-server is there'})`, () => {
  limiterSuite('in Redis', async () => redisLimiters(await working(url ?? '')));

  test('gateways on one Redis share a quota', async () => {
    const limiters = await Promise.all(
      [1, 2, 3].map(async () => redisLimiters(await working(url ?? ''), { replicas: 3 })(QUOTA)),
    );
    for (let window = 0; window < 10; window += 1) {
      const key = randomUUID();
      const admitted = await Promise.all(limiters.map((limiter) => admittedOf(limiter, 20, key)));
      expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(QUOTA.limit);
    }
  });
});

/** 20 aliases of a field with a limit of 5. */
const QUOTES = `{ ${Array.from({ length: 20 }, (_, n) => `a${n}: quote`).join(' ')} }`;

const gatewayOn = (connection: RedisConnection, options: RedisOptions = {}) =>
  serveLimited({ openLimiter: redisLimiters(connection, options) });

describe.skipIf(url === null)(
  `two gateways on one Redis (${url ?? 'neither REDIS_URL nor redis-server is there'})`,
  () => {
    test('two gateways together admit no more than a limit of 5', async () => {
      const gateways = await Promise.all([1, 2].map(async () => gatewayOn(await working(url ?? ''))));
      for (let window = 0; window < 10; window += 1) {
        const headers = { authorization: `Bearer ${randomUUID()}` };
        const answers = await Promise.all(gateways.map(({ runQuery }) => runQuery(QUOTES, { headers })));
        const values = answers.flatMap(({ body }) => Object.values(body.data)).filter((value) => value !== null);
        expect(values).toHaveLength(5);
      }
      expect(gateways.flatMap(({ calls }) => calls)).toHaveLength(50);
    });
  },
);

describe.skipIf(noOwnRedis !== null)(`when Redis fails (${noOwnRedis ?? 'one of its own'})`, () => {
  test('a killed Redis leaves each gateway its share, and the full quota returns with Redis', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const limiters = await Promise.all([1, 2].map(() => limiterOn(redis.url, { replicas: 2 })));
    await redis.kill();
    const admitted = await Promise.all(limiters.map((limiter) => admittedOf(limiter, 20, 'k')));
    expect(admitted).toEqual([5, 5]);

    const back = await startRedis(redis.port);
    onTestFinished(() => back.close());
    for (const limiter of limiters)
      await expect.poll(async () => (await limiter.consume(randomUUID())).remaining).toBe(QUOTA.limit - 1);
    const again = await Promise.all(limiters.map((limiter) => admittedOf(limiter, 20, 'another')));
    expect(again.reduce((sum, count) => sum + count, 0)).toBe(QUOTA.limit);
  });

  test('a hanging Redis does not hang its callers, and the share applies', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const limiter = await limiterOn(redis.url, { replicas: 5 });
    redis.pause();
    expect(await admittedOf(limiter, 20, 'k')).toBe(2);
    redis.resume();
  });

  test('a Redis that is absent at the start leaves the share: not unlimited, not rejected', async () => {
    const limiter = await limiterOn(`redis://127.0.0.1:${await freePort()}`, { replicas: 100 }, false);
    expect(await admittedOf(limiter, 20, 'k')).toBe(1);
  });

  test('a Redis that answers with errors counts as absent', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const connection = await connected(redis.url);
    await vi.waitFor(() => connection.client.sendCommand(['CONFIG', 'SET', 'maxmemory', '1']), LONG_WAIT);
    expect(await admittedOf(redisLimiters(connection, { replicas: 2 })(QUOTA), 20, 'k')).toBe(5);
  });

  test('with Redis killed or hanging, a gateway answers within its share, and reveals nothing about it', async () => {
    for (const how of ['kill', 'pause'] as const) {
      const redis = await startRedis();
      onTestFinished(() => redis.close());
      const { runQuery, calls } = await gatewayOn(await connected(redis.url), { replicas: 2 });
      await redis[how]();
      const { status, body, text } = await runQuery(QUOTES);
      expect(status).toBe(200);
      expect(calls).toHaveLength(2);
      const codes = body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
      expect(codes).toEqual(Array.from({ length: 18 }, () => 'RATE_LIMITED'));
      expect(text).not.toMatch(/redis|127\.0\.0\.1|ECONN|offline|socket/i);
    }
  });
});
