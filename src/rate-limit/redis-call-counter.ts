import { type Clock, systemClock } from '../core/clock.ts';
import {
  type CallCounter,
  type CallCounterSnapshot,
  COUNTED_PARTS,
  MemoryCallCounter,
  type OpenCallCounter,
  type ProviderState,
  partMs,
  type Taken,
} from './call-counter.ts';
import type { Quota } from './limiter.ts';
import type { RedisOptions, SharedCounters } from './redis.ts';

/**
 * State of a counter: a hash with the calls of each part of the period (`b<number>`), the number of all calls (`n`), and
 * the provider's last statement (`left`, `at`, `until`). A value of another type is replaced. Times are those of Redis.
 */
const READ = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local read = redis.pcall('hgetall', KEYS[1])
if read['err'] then
  redis.call('del', KEYS[1])
  read = {}
end
local state = {}
for i = 1, #read, 2 do state[read[i]] = tonumber(read[i + 1]) end
local total, left, at, ends = state['n'] or 0, state['left'] or 0, state['at'] or 0, state['until'] or 0
`;

/**
 * Counts a call. ARGV: limit, length of a part in milliseconds, number of parts for which a call counts, and calls that were counted elsewhere
 * while Redis was unavailable. Returns {1, ordinal, calls left} or {0, milliseconds, calls left}.
 */
const TAKE = `${READ}
local limit, size, parts, missed = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local current = math.floor(now / size)
local field = string.format('b%d', current)
if missed > 0 then
  state[field] = (state[field] or 0) + missed
  total = total + missed
  redis.call('hset', KEYS[1], field, state[field], 'n', total)
end
local sum, first = 0, current
for name, count in pairs(state) do
  local part = tonumber(string.match(name, '^b(%d+)$'))
  if part and (part < current - parts or part > current) then
    redis.call('hdel', KEYS[1], name)
  elseif part then
    sum = sum + count
    if part < first then first = part end
  end
end
local ttl = math.max((parts + 2) * size, ends - now)
redis.call('pexpire', KEYS[1], math.ceil(ttl))
local wait, free = 0, limit - sum
if free <= 0 then wait = (first + parts + 1) * size - now end
if now < ends then
  local stated = left - (total - at)
  if stated < free then free = stated end
  if stated <= 0 and ends - now > wait then wait = ends - now end
end
if wait > 0 then return {0, math.ceil(wait), 0} end
redis.call('hset', KEYS[1], field, (state[field] or 0) + 1, 'n', total + 1)
redis.call('pexpire', KEYS[1], math.ceil(ttl))
return {1, total + 1, free - 1}`;

/** Stores a statement of the provider. ARGV: ordinal of the answered call, remaining calls, milliseconds until a reset. */
const CORRECT = `${READ}
local ordinal = math.min(tonumber(ARGV[1]), total)
if now < ends and ordinal < at then return 0 end
redis.call('hset', KEYS[1], 'left', ARGV[2], 'at', ordinal, 'until', now + tonumber(ARGV[3]))
if redis.call('pttl', KEYS[1]) < tonumber(ARGV[3]) then redis.call('pexpire', KEYS[1], math.ceil(tonumber(ARGV[3]))) end
return 1`;

/** Longest time for which calls are refused without asking Redis again: another answer may have corrected the count. */
const MAX_REFUSED_MS = 1_000;

const isNumbers = (reply: unknown): reply is readonly number[] =>
  Array.isArray(reply) && reply.length === 3 && reply.every((one) => typeof one === 'number');

/** A counter that all gateways with one Redis share. */
class RedisCallCounter implements CallCounter {
  readonly #redis: SharedCounters;
  readonly #key: string;
  readonly #quota: Quota;
  readonly #clock: Clock;
  /** This gateway's own calls, against its part of the quota: used while Redis is unavailable. */
  readonly #own: MemoryCallCounter;
  readonly #replicas: number;
  /** Calls that Redis has not counted. */
  #missed = 0;
  #refusedUntil = Number.NEGATIVE_INFINITY;
  #asksAgainAt = Number.NEGATIVE_INFINITY;
  #remaining: number;
  /** Time of the last answer of Redis. */
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** Calls since then. */
  #alone = 0;

  constructor(redis: SharedCounters, key: string, quota: Quota, replicas: number, clock: Clock) {
    const share = { limit: Math.max(1, Math.floor(quota.limit / replicas)), seconds: quota.seconds };
    this.#redis = redis;
    this.#key = key;
    this.#quota = quota;
    this.#clock = clock;
    this.#replicas = replicas;
    this.#own = new MemoryCallCounter(share, clock);
    this.#remaining = quota.limit;
  }

  async take(): Promise<Taken> {
    const now = this.#clock.now();
    if (now < this.#asksAgainAt) return { admitted: false, retryMs: this.#refusedUntil - now };
    const missed = this.#missed;
    this.#missed = 0;
    const args = [this.#quota.limit, partMs(this.#quota), COUNTED_PARTS, missed];
    try {
      const reply = await this.#eval(TAKE, args);
      if (!isNumbers(reply)) throw new Error('an unexpected reply of Redis');
      return this.#counted(reply);
    } catch {
      this.#missed += missed;
      return this.#takeOwn();
    }
  }

  correct(state: ProviderState): void {
    this.#own.correct({ ...state, ordinal: Number.MAX_SAFE_INTEGER });
    if (state.remaining > 0) this.#asksAgainAt = Number.NEGATIVE_INFINITY;
    // Without Redis, the next answer corrects the count.
    this.#eval(CORRECT, [state.ordinal, state.remaining, Math.ceil(state.resetMs)]).catch(() => {});
  }

  snapshot(): CallCounterSnapshot {
    if (this.#alone > 0) return this.#own.snapshot();
    const ms = this.#refusedUntil - this.#clock.now();
    return { remaining: ms > 0 ? 0 : this.#remaining, refusesForMs: ms > 0 ? Math.ceil(ms) : null };
  }

  #counted([admitted = 0, value = 0, remaining = 0]: readonly number[]): Taken {
    this.#answeredAt = this.#clock.now();
    this.#alone = 0;
    this.#remaining = remaining;
    if (admitted === 1) {
      this.#own.add();
      return { admitted: true, ordinal: value };
    }
    const now = this.#clock.now();
    this.#refusedUntil = now + value;
    this.#asksAgainAt = now + Math.min(value, MAX_REFUSED_MS);
    return { admitted: false, retryMs: value };
  }

  async #takeOwn(): Promise<Taken> {
    const until = this.#answeredAt + this.#quota.seconds * 1_000;
    const now = this.#clock.now();
    // Calls of the other gateways before the outage fill the period as well.
    if (now < until && this.#alone >= Math.floor(this.#remaining / this.#replicas))
      return { admitted: false, retryMs: until - now };
    const taken = await this.#own.take();
    if (!taken.admitted) return taken;
    this.#alone += 1;
    this.#missed += 1;
    // Redis gives this call no number: what the provider answers corrects the own count only.
    return { admitted: true, ordinal: 0 };
  }

  #eval(script: string, args: readonly number[]): Promise<unknown> {
    const call = { keys: [this.#key], arguments: args.map(String) };
    return this.#redis.guarded(() => this.#redis.client.eval(script, call));
  }
}

/**
 * Creates counters that all gateways with one Redis share. While Redis is unavailable, each gateway admits its part: in
 * the first period of the calls that were left at the last answer of Redis, then of the quota, at least 1. Its own calls
 * before the outage count. At its return Redis receives the calls that it has missed.
 */
export const redisCallCounters =
  (
    redis: SharedCounters,
    { replicas = 1, namespace = 'tributary:quota', clock = systemClock }: RedisOptions = {},
  ): OpenCallCounter =>
  (quota, name) => {
    const key = `${namespace}:${quota.limit}/${quota.seconds}s:${name}`;
    return new RedisCallCounter(redis, key, quota, replicas, clock);
  };
