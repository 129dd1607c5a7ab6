import { z } from 'zod';
import type { RedisConnection } from '../../../cache/redis.ts';
import { LEASE_ID, LEASE_MS, Lease } from './lease.ts';
import { type LeaseStore, MAX_LEASES } from './lease-store.ts';

/** Reads the clock of Redis, which all gateways share, and removes lapsed and unreadable leases. */
const PRELUDE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local raw = redis.call('HGETALL', KEYS[1])
local leases, count = {}, 0
for i = 1, #raw, 2 do
  local ok, lease = pcall(cjson.decode, raw[i + 1])
  if ok and type(lease) == 'table' and type(lease['until']) == 'number' and lease['until'] > now then
    leases[raw[i]] = lease
    count = count + 1
  else
    redis.call('HDEL', KEYS[1], raw[i])
  end
end`;

const PUT = `${PRELUDE}
local id, owner, ttl, lease = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local known = leases[id]
if known and not known.left and known.owner ~= owner then return 'taken' end
if not known and count >= ${MAX_LEASES} then return 'full' end
redis.call('HSET', KEYS[1], id, cjson.encode({ owner = owner, lease = lease, ['until'] = now + ttl }))
redis.call('PEXPIRE', KEYS[1], ${LEASE_MS.max})
return 'stored'`;

const LEAVE = `${PRELUDE}
local id, owner = ARGV[1], ARGV[2]
local known = leases[id]
if not known or known.left then return 'absent' end
if known.owner ~= owner then return 'taken' end
known.left = true
redis.call('HSET', KEYS[1], id, cjson.encode(known))
return 'left'`;

const LIST = `${PRELUDE}
local list = {}
for id, lease in pairs(leases) do
  list[#list + 1] = { id, lease.left and '' or lease.lease, tostring(lease['until'] - now) }
end
return list`;

const Put = z.enum(['stored', 'taken', 'full']);
const Leave = z.enum(['left', 'taken', 'absent']);
const List = z.array(z.tuple([z.string().regex(LEASE_ID), z.string(), z.coerce.number().max(LEASE_MS.max)]));

/** Returns the lease in a text; null for an invalid one, which another program has written. */
const leaseIn = (text: string): Lease | null => {
  try {
    return Lease.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

/** Registrations in Redis, which all gateways share. */
export const redisLeases = (
  { client, guarded }: Pick<RedisConnection, 'client' | 'guarded'>,
  namespace = 'tributary:registrations',
): LeaseStore => {
  const run = (script: string, upstream: string, ...args: string[]): Promise<unknown> =>
    guarded(() => client.eval(script, { keys: [`${namespace}:${upstream}`], arguments: args }));
  return {
    put: async (upstream, id, lease, owner) =>
      Put.parse(await run(PUT, upstream, id, owner, String(lease.ttlMs), JSON.stringify(lease))),
    leave: async (upstream, id, owner) => Leave.parse(await run(LEAVE, upstream, id, owner)),
    list: async (upstream) =>
      List.parse(await run(LIST, upstream)).flatMap(([id, text, remainingMs]) => {
        const lease = text === '' ? null : leaseIn(text);
        return text !== '' && lease === null ? [] : [{ id, lease, remainingMs }];
      }),
  };
};
