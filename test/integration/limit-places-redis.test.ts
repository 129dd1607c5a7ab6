import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Counters } from '../../src/rate-limit/counters/counters.ts';
import { RedisCounters, type ScriptRunner } from '../../src/rate-limit/counters/redis-counters.ts';
import { redisUrl } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const url = await redisUrl();

const working = async () => {
  const connection = await redisConnection(url ?? '');
  onTestFinished(() => connection.close());
  return connection;
};

describe.skipIf(url === null)(`with Redis (${url ?? 'neither REDIS_URL nor redis-server is there'})`, () => {
  test('places are shared, and returned', async () => {
    const [one, other] = [new RedisCounters(await working()), new RedisCounters(await working())];
    const place = (holder: string) => ({
      ...{ key: randomKey, slots: 2, holder, ms: 60_000, isEnforced: true, onStoreFailure: 'local' as const },
    });
    const randomKey = randomUUID();
    const takes = async (counters: Counters, holder: string) => {
      const granted = await counters.take({ charges: [], places: [place(holder)] });
      return { admitted: granted.places[0]?.admitted, granted };
    };
    const first = await takes(one, 'a');
    expect([first.admitted, (await takes(other, 'b')).admitted, (await takes(other, 'c')).admitted]).toEqual([
      true,
      true,
      false,
    ]);
    first.granted.settle([], [place('a')]);
    await vi.waitUntil(async () => (await takes(one, 'c')).admitted, LONG_WAIT);
  });

  test('places that Redis gave after the timeout, and those of requests that ended while it was slow, are returned', async () => {
    const redis = await working();
    const namespace = `tributary:test:${randomUUID()}`;
    const counters = new RedisCounters(redis, { namespace });
    const place = (key: string, holder: string) => ({
      ...{ key, slots: 1, holder, ms: 3_600_000, isEnforced: true, onStoreFailure: 'local' as const },
    });
    const demand = (key: string, holder: string) => ({ charges: [], places: [place(key, holder)] });
    let isSlow = false;
    const guarded: ScriptRunner['guarded'] = async (call) => {
      if (isSlow) throw new Error('unavailable');
      return call();
    };
    const guardedCounters = new RedisCounters({ client: redis.client, guarded }, { namespace });
    const granted = await guardedCounters.take(demand('ended', 'a'));
    isSlow = true;
    granted.settle([], [place('ended', 'a')]);
    const late: ScriptRunner['guarded'] = async (call) => {
      void call().catch(() => {});
      throw new Error('no answer in time');
    };
    const lateCounters = new RedisCounters({ client: redis.client, guarded: late }, { namespace });
    await expect(lateCounters.take(demand('late', 'a'))).rejects.toThrow('in time');
    for (const key of ['ended', 'late'])
      await vi.waitUntil(async () => (await counters.take(demand(key, 'b'))).places[0]?.admitted === true, LONG_WAIT);
  });

  test('places that could not be returned, because the connection was lost, are returned once Redis answers', async () => {
    const redis = await working();
    const namespace = `tributary:test:${randomUUID()}`;
    const demand = (key: string, holder: string) => ({
      charges: [],
      places: [{ ...{ key, slots: 1, holder, ms: 3_600_000, isEnforced: true, onStoreFailure: 'local' as const } }],
    });
    let isLost = false;
    const sent = async <Value>(call: () => Promise<Value>): Promise<Value> => {
      const answer = await call();
      if (isLost) throw new Error('Socket closed unexpectedly');
      return answer;
    };
    const cut = () => (isLost ? Promise.reject(new Error('The client is closed')) : null);
    const counters = new RedisCounters(
      {
        client: {
          eval: (script, call) => sent(() => redis.client.eval(script, call)),
          evalSha: (sha, call) =>
            (call.keys.length === 1 && call.arguments.length === 1 ? cut() : null) ??
            sent(() => redis.client.evalSha(sha, call)),
        },
        guarded: (call) => call(),
      },
      { namespace },
    );
    const ended = demand('ended', 'a');
    const granted = await counters.take(ended);
    isLost = true;
    granted.settle([], ended.places);
    await expect(counters.take(demand('unanswered', 'a'))).rejects.toThrow('Socket closed');
    isLost = false;
    const other = new RedisCounters(redis, { namespace });
    expect((await other.take(demand('ended', 'b'))).places[0]?.admitted).toBe(false);
    expect((await other.take(demand('unanswered', 'b'))).places[0]?.admitted).toBe(false);
    await counters.take(demand('any', 'a'));
    for (const key of ['ended', 'unanswered'])
      await vi.waitUntil(async () => (await other.take(demand(key, 'b'))).places[0]?.admitted === true, LONG_WAIT);
  });
});
