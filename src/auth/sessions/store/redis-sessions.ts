import { type SessionStore, SessionsUnavailableError } from './session-store.ts';

interface Script {
  readonly keys: string[];
  readonly arguments: string[];
}

/** The parts of a Redis connection that sessions use. */
export interface SessionConnection {
  readonly client: { eval(script: string, options: Script): Promise<unknown> };
  /** Runs a call with a timeout; rejects without running it while Redis is known to be unavailable. */
  guarded<T>(call: () => Promise<T>): Promise<T>;
}

// Each script has one key: it runs in Redis Cluster, too. A value of another type, by another program, is an error.
const TOUCH = `
local text = redis.call('get', KEYS[1])
if text then redis.call('pexpire', KEYS[1], ARGV[1]) end
return text`;

const ADD = `return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')`;

const REPLACE = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return false end
return redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])`;

const TAKE = `return redis.call('getdel', KEYS[1])`;

const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end`;

// The score of a member is the time at which it expires, by Redis' clock.
const NOW = `
local time = redis.call('time')
local now = 1000 * time[1] + math.floor(time[2] / 1000)
redis.call('zremrangebyscore', KEYS[1], '-inf', now)`;

const LINK = `${NOW}
redis.call('zadd', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('pexpire', KEYS[1], ARGV[2])
local excess = redis.call('zcard', KEYS[1]) - ARGV[3]
if excess <= 0 then return {} end
return redis.call('zrange', KEYS[1], 0, excess - 1)`;

const MEMBERS = `${NOW}
return redis.call('zrange', KEYS[1], 0, -1)`;

const UNLINK = `for _, member in ipairs(ARGV) do redis.call('zrem', KEYS[1], member) end`;

const NAMESPACE = 'tributary:session';

const textOf = (answer: unknown): string | null => (typeof answer === 'string' ? answer : null);

const textsOf = (answer: unknown): readonly string[] =>
  Array.isArray(answer) ? answer.filter((one) => typeof one === 'string') : [];

/** Sessions in Redis, which all replicas share. `namespace` is the prefix of every key. */
export const redisSessions = ({ client, guarded }: SessionConnection, namespace = NAMESPACE): SessionStore => {
  const run = async (script: string, key: string, ...values: (string | number)[]): Promise<unknown> => {
    try {
      return await guarded(() => client.eval(script, { keys: [`${namespace}:${key}`], arguments: values.map(String) }));
    } catch (cause) {
      throw new SessionsUnavailableError('Redis does not answer.', { cause });
    }
  };
  return {
    touch: async (key, ttlMs) => textOf(await run(TOUCH, key, ttlMs)),
    add: async (key, text, ttlMs) => (await run(ADD, key, text, ttlMs)) !== null,
    replace: async (key, expected, text, ttlMs) => (await run(REPLACE, key, expected, text, ttlMs)) !== null,
    take: async (key) => textOf(await run(TAKE, key)),
    release: async (key, expected) => void (await run(RELEASE, key, expected)),
    link: async (list, member, ttlMs, max) => textsOf(await run(LINK, list, member, ttlMs, max)),
    members: async (list) => textsOf(await run(MEMBERS, list)),
    unlink: async (list, members) => void (await run(UNLINK, list, ...members)),
  };
};
