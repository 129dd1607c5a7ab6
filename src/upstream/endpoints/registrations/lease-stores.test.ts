import { randomUUID } from 'node:crypto';
import { afterAll, expect, test as plainTest } from 'vitest';
import { redisUrl } from '../../../../test/support/backends/redis.ts';
import { redisConnection } from '../../../../test/support/backends/redis-connection.ts';
import { systemClock } from '../../../core/clock.ts';
import { Lease } from './lease.ts';
import type { LeaseStore } from './lease-store.ts';
import { memoryLeases } from './memory-leases.ts';
import { redisLeases } from './redis-leases.ts';

const url = await redisUrl();
const redis = url === null ? null : await redisConnection(url);
afterAll(() => redis?.close());

const lease = (address: string, more: Partial<Lease> = {}): Lease => Lease.parse({ address, ...more });
const A = 'http://10.0.0.1:80';
const B = 'http://10.0.0.2:80';
const OWNER = 'address one';
const OTHER = 'address other';

const stores: readonly (readonly [name: string, open: (() => LeaseStore) | null])[] = [
  ['memory', () => memoryLeases(systemClock)],
  ['redis', redis === null ? null : () => redisLeases(redis, `test:${randomUUID()}`)],
];

for (const [name, open] of stores) {
  const test = plainTest.skipIf(open === null);
  const opened = () => open?.() ?? memoryLeases(systemClock);

  test(`${name}: a registration is listed with all its properties until it leaves`, async () => {
    const store = opened();
    const full = lease(A, { weight: 3, zone: 'z', labels: { version: 'v2' }, host: 'orders.internal', ttlMs: 60_000 });
    expect(await store.put('o.o', 'a', full, OWNER)).toBe('stored');
    const [listed, ...others] = await store.list('o.o');
    expect(listed).toMatchObject({ id: 'a', lease: full });
    expect(listed?.remainingMs).toBeGreaterThan(0);
    expect(listed?.remainingMs).toBeLessThanOrEqual(60_000);
    expect(others).toEqual([]);
    expect(await store.list('other.o')).toEqual([]);
    expect(await store.leave('o.o', 'a', OWNER)).toBe('left');
    expect(await store.list('o.o')).toMatchObject([{ id: 'a', lease: null }]);
    expect(await store.leave('o.o', 'a', OWNER)).toBe('absent');
  });

  test(`${name}: an id belongs to its owner until it leaves`, async () => {
    const store = opened();
    await store.put('o.o', 'a', lease(A), OWNER);
    expect(await store.put('o.o', 'a', lease(A, { weight: 2 }), OWNER)).toBe('stored');
    expect(await store.put('o.o', 'a', lease(A), OTHER)).toBe('taken');
    expect(await store.leave('o.o', 'a', OTHER)).toBe('taken');
    await store.leave('o.o', 'a', OWNER);
    expect(await store.put('o.o', 'a', lease(B), OTHER)).toBe('stored');
    expect(await store.list('o.o')).toMatchObject([{ id: 'a', lease: { address: B } }]);
  });

  test(`${name}: at most 1,000 registrations are kept, and known ones are renewed`, async () => {
    const store = opened();
    const ids = Array.from({ length: 1_000 }, (_, at) => `id-${at}`);
    await Promise.all(ids.map((id) => store.put('o.o', id, lease(A, { ttlMs: 300_000 }), OWNER)));
    expect(await store.put('o.o', 'more', lease(A), OWNER)).toBe('full');
    expect(await store.put('o.o', 'id-7', lease(A), OWNER)).toBe('stored');
  });
}

plainTest.skipIf(redis === null)(
  'redis: a lease lapses by the clock of Redis, and invalid content is left out',
  async () => {
    if (redis === null) return;
    const namespace = `test:${randomUUID()}`;
    const store = redisLeases(redis, namespace);
    await store.put('o.o', 'short', lease(A, { ttlMs: 300_000 }), OWNER);
    const far = Date.now() + 60_000;
    const written = { junk: 'x', text: JSON.stringify({ lease: '{}', until: far, owner: OWNER }) };
    await redis.client.hSet(`${namespace}:o.o`, written);
    expect((await store.list('o.o')).map(({ id }) => id)).toEqual(['short']);
    await redis.client.hSet(`${namespace}:o.o`, 'short', JSON.stringify({ lease: '{}', until: 1, owner: OWNER }));
    expect(await store.list('o.o')).toEqual([]);
  },
);
