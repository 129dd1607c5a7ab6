import { RateLimiterRedis } from 'rate-limiter-flexible';
import { counting } from './counting.ts';
import type { OpenLimiter } from './limiter.ts';
import { type MemoryOptions, memoryLimiters } from './memory.ts';

/**
 * Counts atomically. An impossible value (no number, negative, without or with too long a time to live) is replaced by
 * a new window: it would refuse or admit forever.
 */
const COUNT = `
local window = 1000 * ARGV[2]
local ttl = redis.call('pttl', KEYS[1])
local value = redis.pcall('get', KEYS[1])
if type(value) == 'string' and #value < 16 and string.match(value, '^%d+$') and ttl > 0 and ttl <= window then
  return {redis.call('incrby', KEYS[1], ARGV[1]), ttl}
end
redis.call('set', KEYS[1], ARGV[1], 'PX', window)
return {tonumber(ARGV[1]), window}`;

interface Script {
  readonly keys: string[];
  readonly arguments: string[];
}

/** The parts of a Redis connection that limiters use. */
export interface SharedCounters {
  readonly client: {
    readonly isReady: boolean;
    eval(script: string, options: Script): Promise<unknown>;
  };
  /** Runs a call with a short timeout; rejects without running it while Redis is known to be unavailable. */
  guarded<T>(call: () => Promise<T>): Promise<T>;
}

export interface RedisOptions extends MemoryOptions {
  /** Number of gateways that share the quotas. Without Redis, each admits an equal part. Default 1. */
  readonly replicas?: number;
  /** Prefix of every key. Default `tributary:limit`. */
  readonly namespace?: string;
}

/**
 * Creates limiters that all gateways with one Redis share. While Redis is unavailable, each gateway counts in its own
 * memory against its part of the quota, at least 1, starting from zero: requests are still limited, and not refused
 * because of the store.
 */
export const redisLimiters =
  ({ client, guarded }: SharedCounters, options: RedisOptions = {}): OpenLimiter =>
  (quota) => {
    const { replicas = 1, namespace = 'tributary:limit' } = options;
    const { limit, seconds } = quota;
    const share = { limit: Math.max(1, Math.floor(limit / replicas)), seconds };
    const own = memoryLimiters(options)(share);
    const shared = counting(
      new RateLimiterRedis({
        points: limit,
        duration: seconds,
        // Different quotas count separately, even for the same key.
        keyPrefix: `${namespace}:${limit}/${seconds}s`,
        storeClient: {
          get isReady() {
            return client.isReady;
          },
          eval: (script: string, call: Script) => guarded(() => client.eval(script, call)),
        },
        customIncrTtlLuaScript: COUNT,
        useRedisPackage: true,
        rejectIfRedisNotReady: true,
      }),
      quota,
    );
    return { consume: (key) => shared.consume(key).catch(() => own.consume(key)) };
  };
