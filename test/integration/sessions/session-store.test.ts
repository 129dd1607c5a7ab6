import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memorySessions } from '../../../src/auth/sessions/store/memory-sessions.ts';
import { redisSessions } from '../../../src/auth/sessions/store/redis-sessions.ts';
import type { SessionStore } from '../../../src/auth/sessions/store/session-store.ts';
import type { RedisConnection } from '../../../src/cache/redis.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { noOwnRedis, type RunningRedis, startRedis } from '../../support/backends/redis.ts';
import { redisConnection } from '../../support/backends/redis-connection.ts';

const LONG_MS = 60_000;

const lists = (storeOf: () => SessionStore): void => {
  test('members stay in a list until they are removed from it', async () => {
    const store = storeOf();
    for (const member of ['a', 'b', 'c']) expect(await store.link('subject:1', member, LONG_MS, 3)).toEqual([]);
    expect(await store.link('subject:1', 'd', LONG_MS, 3)).toEqual(['a']);
    expect(await store.link('subject:1', 'e', LONG_MS, 3)).toEqual(['a', 'b']);
    expect(await store.members('subject:1')).toEqual(['a', 'b', 'c', 'd', 'e']);
    await store.unlink('subject:1', ['a', 'b', 'unknown']);
    expect(await store.members('subject:1')).toEqual(['c', 'd', 'e']);
    await store.unlink('subject:1', ['c', 'd', 'e']);
    expect(await store.members('subject:1')).toEqual([]);
    expect(await store.members('subject:2')).toEqual([]);
  });
};

describe('sessions in memory', () => {
  const store = memorySessions(systemClock);
  lists(() => store);
});

describe.skipIf(noOwnRedis !== null)(`sessions in Redis${noOwnRedis ? ` (${noOwnRedis})` : ''}`, () => {
  let redis: RunningRedis;
  let connection: RedisConnection;
  beforeAll(async () => {
    redis = await startRedis();
    connection = await redisConnection(redis.url);
  });
  afterAll(async () => {
    await connection.close();
    await redis.close();
  });
  lists(() => redisSessions(connection));
});
