import { memoryStore } from '../cache/memory.ts';
import { connectRedis, type RedisConnection, redisStore, type StoreLog } from '../cache/redis.ts';
import type { CacheStore } from '../cache/store.ts';
import type { Clock } from '../core/clock.ts';
import type { StoreHealth } from '../http/admin/health.ts';

/** The store that replicas share if Redis is configured. */
export interface SharedStore {
  readonly cache: CacheStore;
  /** Null without Redis. */
  readonly redis: RedisConnection | null;
  health(): StoreHealth;
  close(): Promise<void>;
}

/**
 * Opens the store: Redis if there is a URL, otherwise the memory of this process. An unavailable Redis is not an error.
 */
export const openSharedStore = async (
  url: string | null,
  maxBytes: number,
  clock: Clock,
  log: StoreLog,
): Promise<SharedStore> => {
  const redis = url === null ? null : await connectRedis(url, clock, log);
  const cache = redis === null ? memoryStore(clock, { maxBytes }) : redisStore(redis);
  return {
    cache,
    redis,
    health: () => ({ kind: redis === null ? 'memory' : 'redis', status: cache.state }),
    close: async () => {
      await cache.close();
      await redis?.close();
    },
  };
};
