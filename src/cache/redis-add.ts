import type { RedisConnection } from './redis.ts';

/**
 * Returns a function that adds a key to Redis for `ttlMs` milliseconds, and resolves to false if it was there. It rejects
 * while Redis is unavailable.
 */
export const redisAdd =
  ({ client, guarded }: Pick<RedisConnection, 'client' | 'guarded'>, namespace: string) =>
  async (key: string, ttlMs: number): Promise<boolean> => {
    const options = { condition: 'NX', expiration: { type: 'PX', value: ttlMs } } as const;
    return (await guarded(() => client.set(`${namespace}:${key}`, '1', options))) === 'OK';
  };
