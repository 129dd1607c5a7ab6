import { expect, test, vi } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../../test/support/processes/long-wait.ts';
import type { UpstreamEvent } from '../../events.ts';
import { addressOf } from '../endpoint.ts';
import { followSource } from '../sources/follow-source.ts';
import { Lease } from './lease.ts';
import type { LeaseStore } from './lease-store.ts';
import { memoryLeases } from './memory-leases.ts';
import { openRegistrations } from './registrations.ts';

const UPSTREAM = 'orders.orders';
const lease = (address: string, ttlMs = 10_000): Lease => Lease.parse({ address, ttlMs });

const following = async () => {
  const clock = manualClock();
  let kept: LeaseStore = memoryLeases(clock);
  let isUp = true;
  const answering = async <T>(call: () => Promise<T>): Promise<T> => {
    if (!isUp) throw new Error('the store is unavailable');
    return call();
  };
  const store: LeaseStore = {
    put: (...args) => answering(() => kept.put(...args)),
    leave: (...args) => answering(() => kept.leave(...args)),
    list: (...args) => answering(() => kept.list(...args)),
  };
  const registrations = openRegistrations({ store, clock, networks: ['10.0.0.0/8'] });
  const events: UpstreamEvent[] = [];
  const lists: string[][] = [];
  const source = registrations.source(UPSTREAM, { by: 'registered', protocol: 'rest', options: { zone: 'z' } });
  const followed = followSource(source, {
    clock,
    report: (event) => events.push(event),
    onChange: (endpoints) => lists.push(endpoints.map(addressOf)),
  });
  await followed.ready;
  return {
    clock,
    registrations,
    lists,
    followed,
    register: (id: string, address: string, ttlMs?: number) =>
      registrations.register(UPSTREAM, id, lease(address, ttlMs)),
    /** Advances the clock in steps of a poll, and waits for each reading. */
    later: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 500) {
        clock.advance(500);
        await vi.waitUntil(() => clock.pending > 0, LONG_WAIT);
      }
    },
    current: () => followed.snapshot().addresses.map((address) => address.replace('http://10.0.0.', '')),
    /** Stops the store, or starts it without its data. */
    setUp: (up: boolean, isEmpty = false) => {
      isUp = up;
      if (isEmpty) kept = memoryLeases(clock);
    },
  };
};

test('a lease that is not renewed ends after its time to live; a renewed one stays', async () => {
  const { register, later, current } = await following();
  for (const at of [1, 2, 3]) await register(`id-${at}`, `http://10.0.0.${at}`, 5_000);
  await later(500);
  expect(current()).toEqual(['1', '2', '3']);
  for (let passed = 0; passed < 6_000; passed += 1_500) {
    await later(1_500);
    await register('id-1', 'http://10.0.0.1', 5_000);
    await register('id-2', 'http://10.0.0.2', 5_000);
  }
  expect(current()).toEqual(['1', '2']);
  await register('id-3', 'http://10.0.0.3', 5_000);
  await later(500);
  expect(current()).toEqual(['1', '2', '3']);
});

test('an endpoint that leaves is removed', async () => {
  const { register, registrations, later, current } = await following();
  await register('a', 'http://10.0.0.1');
  await later(500);
  await registrations.leave(UPSTREAM, 'a', { address: 'http://10.0.0.1' });
  await later(500);
  expect(current()).toEqual([]);
});

test('during an outage of the store no lease lapses, and after it each has one more time to live', async () => {
  const { register, later, current, followed, setUp } = await following();
  await register('a', 'http://10.0.0.1', 5_000);
  await register('b', 'http://10.0.0.2', 5_000);
  await later(500);
  setUp(false);
  await later(20_000);
  expect(current()).toEqual(['1', '2']);
  expect(followed.snapshot().failure).toBe('the store is unavailable');
  setUp(true, true);
  await later(1_000);
  await register('a', 'http://10.0.0.1', 5_000);
  await later(3_000);
  expect(current()).toEqual(['1', '2']);
  await later(1_500);
  expect(current()).toEqual(['1']);
});

test('leases that a store loses without an outage are kept until they would have lapsed', async () => {
  const { register, later, current, setUp } = await following();
  await register('a', 'http://10.0.0.1', 5_000);
  await later(500);
  setUp(true, true);
  await later(4_000);
  expect(current()).toEqual(['1']);
  await later(1_000);
  expect(current()).toEqual([]);
});

test.each([
  ['http://192.168.0.1:80', { is: 'forbidden' }],
  ['http://orders.internal', { is: 'invalid', reason: '"http://orders.internal" must have an IP address as its host' }],
  ['grpc://10.0.0.1', { is: 'invalid', reason: expect.stringContaining('"grpc://" is not for a rest upstream') }],
  ['http://[::ffff:192.168.0.1]', { is: 'forbidden' }],
])('%s is rejected', async (address, result) => {
  const { register, later, current } = await following();
  expect(await register('a', address)).toEqual(result);
  await later(500);
  expect(current()).toEqual([]);
});
