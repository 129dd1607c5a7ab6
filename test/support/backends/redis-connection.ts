import { vi } from 'vitest';
import { connectRedis, type RedisConnection } from '../../../src/cache/redis.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { LONG_WAIT } from '../processes/long-wait.ts';

/** Timeout of one call, and of silence, in milliseconds: a working Redis answers earlier, even on a busy machine. */
const MAX_ANSWER_MS = 60_000;

/** A connection to a working Redis. Its calls have no timeout that a busy machine reaches. Call its `close`. */
export const redisConnection = async (url: string): Promise<RedisConnection> => {
  const limits = { limitMs: MAX_ANSWER_MS, silentMs: MAX_ANSWER_MS };
  const connection = await connectRedis(url, systemClock, { warn: () => {} }, limits);
  // The first attempt has a timeout of its own.
  await vi.waitUntil(() => connection.state === 'ok', LONG_WAIT);
  return connection;
};
