import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, type RedisConnection } from '../../../src/cache/redis.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { memoryLeases } from '../../../src/upstream/endpoints/registrations/memory-leases.ts';
import { redisLeases } from '../../../src/upstream/endpoints/registrations/redis-leases.ts';
import { openRegistrations } from '../../../src/upstream/endpoints/registrations/registrations.ts';
import { noOwnRedis, startRedis } from '../../support/backends/redis.ts';
import type { FaultyBackend } from '../backends.ts';
import { failed, failures } from '../load.ts';
import { until } from '../until.ts';
import { type FaultPromise, found, whole } from './promise.ts';

const UPSTREAM = 'faults.things';
const TTL_MS = 1_500;
const RENEW_MS = 500;
/** Within this time a change applies. */
const APPLIES_MS = 1_000;
const MAX_WAIT_MS = 20_000;

/** Leases in a Redis of their own, or in memory where none is installed. */
const openLeases = async (started: AsyncDisposableStack) => {
  if (noOwnRedis !== null) return { in: 'memory', store: memoryLeases(systemClock) };
  const redis = await startRedis();
  started.defer(() => redis.close());
  const connection: RedisConnection = await connectRedis(redis.url, systemClock, { warn: () => {} }, { limitMs: 500 });
  started.defer(() => connection.close());
  return { in: 'Redis', store: redisLeases(connection) };
};

export const lapsedLease: FaultPromise = {
  id: 'registration',
  promises:
    '3 backends have leases (in a Redis); under 200 reads/s one stops renewing and later registers again: no error; no read arrives there after TTL + 1 s; reads arrive again within 1 s',
  run: async ({ open, scale }) => {
    await using started = new AsyncDisposableStack();
    const leases = await openLeases(started);
    const registrations = openRegistrations({ store: leases.store, clock: systemClock, networks: ['127.0.0.0/8'] });
    const rig = await open({ registrations });
    started.use(rig);
    const renewing = new Set<FaultyBackend>(rig.backends);
    const renew = ({ address }: FaultyBackend) =>
      registrations.register(UPSTREAM, address.replace(/\D+/g, '-'), { address, ttlMs: TTL_MS });
    const timer = setInterval(() => {
      for (const backend of renewing) void renew(backend).catch(() => {});
    }, RENEW_MS);
    started.defer(() => clearInterval(timer));
    await Promise.all(rig.backends.map(renew));
    const all = rig.backends.length;
    await until(() => rig.upstream.status().endpoints.length === all, MAX_WAIT_MS);
    await rig.warmUp();

    const rounds = scale === 'full' ? 2 : 1;
    const roundMs = TTL_MS + APPLIES_MS + 2 * APPLIES_MS;
    const load = rig.load({ perSecond: 200, forMs: rounds * roundMs, prefix: 'lease' });
    let late = 0;
    let returned = 0;
    for (let round = 0; round < rounds; round += 1) {
      const lapsing = rig.backend(round % all);
      renewing.delete(lapsing);
      await renew(lapsing);
      await sleep(TTL_MS + APPLIES_MS);
      const before = (await lapsing.seen()).reads;
      await sleep(APPLIES_MS);
      late += (await lapsing.seen()).reads - before;
      await lapsing.forget();
      const since = Date.now();
      await renew(lapsing);
      renewing.add(lapsing);
      await sleep(APPLIES_MS);
      returned = Math.max(returned, ((await lapsing.seen()).arrivals[0] ?? Number.POSITIVE_INFINITY) - since);
    }
    const samples = await load.done;
    return found(
      `${rounds} leases in ${leases.in} of ${TTL_MS} ms: ${failed(samples)} errors of ${samples.length}; ${late} reads after TTL + 1 s; the first one ${whole(returned)} after the return`,
      [failed(samples) > 0 && failures(samples)],
      [late > 0 && 'reads after the lease', returned > APPLIES_MS && 'returned late'],
    );
  },
};
