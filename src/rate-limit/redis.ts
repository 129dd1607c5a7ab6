import { RateLimiterRedis } from 'rate-limiter-flexible';
import { counting } from './counting.ts';
import type { OpenLimiter } from './limiter.ts';
import { type MemoryOptions, memoryLimiters } from './memory.ts';

/**
 * Counts in one step. A value that no counter of this quota can have (no number, a negative one, none or too long a time to live) is
 * replaced by a new window: it would refuse or admit without end.
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

/** A connection to Redis as far as limits need it. */
export interface SharedCounters {
  readonly client: {
    readonly isReady: boolean;
    eval(script: string, options: Script): Promise<unknown>;
  };
  /** Runs a call for a short time at most, and not at all while Redis is known not to answer: rejects then. */
  guarded<T>(call: () => Promise<T>): Promise<T>;
}

export interface RedisOptions extends MemoryOptions {
  /** How many gateways share the quotas. Without Redis each admits its part. Default 1. */
  readonly replicas?: number;
  /** In front of every key. Default `tributary:limit`. */
  readonly namespace?: string;
}

/**
 * Limiters that all gateways on one Redis share. While Redis does not answer, each counts in its own memory against its part
 * of the quota, from nothing and at least one: what is limited is never unlimited, and never refused for want of a store.
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
        // Quotas that differ count apart, also for the same key.
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
