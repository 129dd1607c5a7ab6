import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test as plainTest, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createAdminListener } from '../../src/http/admin/admin-listener.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { redisLeases } from '../../src/upstream/endpoints/registrations/redis-leases.ts';
import { openRegistrations } from '../../src/upstream/endpoints/registrations/registrations.ts';
import { openSource } from '../../src/upstream/endpoints/sources/open-source.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { redisConnection } from '../support/backends/redis-connection.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { silent } from '../support/http/public-rig.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { portOf } from '../support/processes/ports.ts';
import { restCall } from '../support/upstream/calls.ts';

const test = plainTest.skipIf(noOwnRedis !== null);

const UPSTREAM = 'orders.orders';
const TOKEN = 'token-of-orders-1';
const POLL_MS = 500;
/** Lease of the third endpoint, which is never renewed. */
const C_MS = 1_000;

/** A backend that counts its calls. */
const backend = async (started: AsyncDisposableStack) => {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.end('"well"');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  started.defer(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { address: `http://127.0.0.1:${portOf(server)}`, calls: () => calls };
};

/** A gateway with an upstream whose endpoints register through its admin listener. Its source polls by `clock`. */
const gateway = async (redisUrl: string, started: AsyncDisposableStack) => {
  const clock = manualClock();
  const redis = await redisConnection(redisUrl);
  started.defer(() => redis.close());
  const store = redisLeases(redis);
  const registrations = openRegistrations({ store, clock, networks: ['127.0.0.0/8'] });
  const upstream = connectUpstream(
    {
      name: UPSTREAM,
      protocol: 'rest',
      check: { by: 'connecting' },
      sources: parseEndpoints('registered:', 'rest'),
      traffic: { timeoutMs: 100_000, retry: false, balance: { policy: 'round-robin', slowStartMs: 0 } },
    },
    { clock: systemClock, open: openSource({ clock, registrations }) },
  );
  started.defer(() => upstream.close());
  await upstream.ready;
  const admin = createAdminListener({
    clock: systemClock,
    log: silent,
    readiness: () => true,
    health: async () => ({ upstreams: {} }),
    registrations: { ...registrations, tokensOf: () => [TOKEN] },
  });
  const base = await admin.listen({ port: 0, host: '127.0.0.1' });
  started.defer(async () => {
    admin.server.closeAllConnections();
    await admin.close();
  });
  return {
    store,
    snapshot: () => upstream.status().discovery[0],
    register: async (id: string, address: string, ttlMs: number): Promise<number> => {
      const answer = await fetch(new URL(`/registrations/${UPSTREAM}/${id}`, base), {
        method: 'PUT',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ address, ttlMs }),
      });
      return answer.status;
    },
    /** Lets one poll pass, and waits for its end. */
    poll: async () => {
      clock.advance(POLL_MS);
      await vi.waitUntil(() => clock.pending > 0, LONG_WAIT);
    },
    calls: (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, at) =>
          upstream.send(restCall({ deadline: systemClock.now() + 200_000 }, { target: `/things/${at}` })),
        ),
      ),
  };
};

test('with two gateways and one Redis, an endpoint has no calls one second after the end of its lease, and calls one poll after its return', async () => {
  await using started = new AsyncDisposableStack();
  const redis = await startRedis();
  started.defer(() => redis.close());
  const [one, other] = [await gateway(redis.url, started), await gateway(redis.url, started)];
  const [a, b, c] = [await backend(started), await backend(started), await backend(started)];
  const poll = () => Promise.all([one.poll(), other.poll()]);

  expect(await one.register('a', a.address, 300_000)).toBe(200);
  expect(await other.register('b', b.address, 300_000)).toBe(200);
  expect(await one.register('c', c.address, 300_000)).toBe(200);
  await poll();
  for (const { calls } of [one, other]) await calls(30);
  for (const { calls } of [a, b, c]) expect(calls()).toBeGreaterThan(0);

  // Both gateways read a last renewal with a short lease, which Redis then ends by its own clock.
  await vi.waitUntil(async () => {
    expect(await one.register('c', c.address, C_MS)).toBe(200);
    await poll();
    return (await one.store.list(UPSTREAM)).length === 3;
  }, LONG_WAIT);
  await vi.waitUntil(async () => (await one.store.list(UPSTREAM)).length === 2, LONG_WAIT);
  for (let passed = 0; passed < C_MS + 1_000; passed += POLL_MS) await poll();
  const before = c.calls();
  for (const { calls } of [one, other]) await calls(100);
  expect(c.calls()).toBe(before);

  expect(await other.register('c', c.address, 300_000)).toBe(200);
  await poll();
  for (const { calls } of [one, other]) {
    const count = c.calls();
    await calls(30);
    expect(c.calls()).toBeGreaterThan(count);
  }
});

test('an outage of Redis keeps the registered endpoints, and registrations are 503 until it ends', async () => {
  await using started = new AsyncDisposableStack();
  const redis = await startRedis();
  started.defer(() => redis.close());
  const one = await gateway(redis.url, started);
  const a = await backend(started);
  await one.register('a', a.address, 300_000);
  await one.poll();
  await redis.kill();
  for (let at = 0; at < 10; at += 1) await one.poll();
  expect(one.snapshot()).toMatchObject({ addresses: [a.address], failure: expect.any(String) });
  expect(await one.register('a', a.address, 1_000)).toBe(503);
  await one.calls(10);
  expect(a.calls()).toBe(10);

  const again = await startRedis(redis.port);
  started.defer(() => again.close());
  await vi.waitUntil(async () => {
    await one.poll();
    return one.snapshot()?.failure === null;
  }, LONG_WAIT);
  expect(one.snapshot()?.addresses).toEqual([a.address]);
  expect(await one.register('a', a.address, 60_000)).toBe(200);
});
