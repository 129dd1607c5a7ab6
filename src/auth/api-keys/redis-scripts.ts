/**
 * Keys in Redis: a hash of records by id, and a sorted set of ids by the time of their last change, from which gateways
 * read changes. Both names have one hash tag, so that a cluster keeps them together.
 */
const NAMES = ['tributary:{api-keys}', 'tributary:{api-keys}:changes'];

/** The parts of a Redis connection that the stores of keys use. */
export interface SharedKeys {
  readonly client: {
    eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>;
  };
  /** Runs a call with a short timeout; rejects without running it while Redis is known to be unavailable. */
  guarded<T>(call: () => Promise<T>): Promise<T>;
}

/**
 * Stores a record and its change. Scores always increase: a time in microseconds, and one more for each change within one. After
 * a failover that lost changes, new ones come after those that gateways have seen.
 */
const WRITE = `
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')
local time = redis.call('TIME')
local at = math.max(tonumber(last[2] or '0') + 1, time[1] * 1000000 + time[2])
redis.call('HSET', KEYS[1], id, record)
redis.call('ZADD', KEYS[2], string.format('%.0f', at), id)`;

/** ARGV: id, record, maximum number of keys. */
export const CREATE = `
local id, record = ARGV[1], ARGV[2]
if redis.call('HEXISTS', KEYS[1], id) == 1 then return 'taken' end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 'full' end
${WRITE}
return 'created'`;

/** Replaces a record if it is still the expected one. ARGV: id, new record, expected record. Returns 1 or 0. */
export const REPLACE = `
local id, record = ARGV[1], ARGV[2]
if redis.call('HGET', KEYS[1], id) ~= ARGV[3] then return 0 end
${WRITE}
return 1`;

/** ARGV: id. */
export const FIND = `return redis.call('HGET', KEYS[1], ARGV[1])`;

/**
 * Changes after a score, oldest first. ARGV: score, maximum number. Returns the score of the last one, the number of all
 * keys, the ids and the records.
 */
export const CHANGES = `
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local ids, last = {}, ARGV[1]
for i = 1, #found, 2 do
  ids[#ids + 1] = found[i]
  last = found[i + 1]
end
local records = {}
if #ids > 0 then records = redis.call('HMGET', KEYS[1], unpack(ids)) end
return { last, redis.call('ZCARD', KEYS[2]), ids, records }`;

/** Runs a script on the keys. @throws if Redis does not answer */
export const runScript = ({ client, guarded }: SharedKeys, script: string, ...args: string[]): Promise<unknown> =>
  guarded(() => client.eval(script, { keys: NAMES, arguments: args }));
