import { memoryStore } from './cache/memory.ts';
import { connectRedis, type RedisConnection, redisStore, type StoreLog } from './cache/redis.ts';
import type { CacheStore } from './cache/store.ts';
import type { Clock } from './clock.ts';
import type { StoreHealth } from './server/health.ts';

/** What replicas share, as far as they were told where. */
export interface SharedStore {
  readonly cache: CacheStore;
  /** Null where everything is kept in this process. */
  readonly redis: RedisConnection | null;
  health(): StoreHealth;
  close(): Promise<void>;
}

/** Opens the store: Redis where there is a URL, else this process's memory. A Redis that is not there is no failure. */
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
