import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { createClient } from '@redis/client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { noOwnRedis, startRedis } from '../../test/support/backends/redis.ts';
import { LONG_WAIT } from '../../test/support/processes/long-wait.ts';
import { freePort, portOf } from '../../test/support/processes/ports.ts';
import { systemClock } from '../core/clock.ts';
import { connectRedis, redisStore } from './redis.ts';

const A = { key: 'a', value: '"A"', ttlMs: 60_000 };

const serverFor = async (port?: number) => {
  const server = await startRedis(port);
  onTestFinished(() => server.close());
  return server;
};

/** Timeout of one call in milliseconds: no answer of a working Redis is later, even on a busy machine. */
const LIMIT_MS = 2_000;
const COUNTED_LIMIT_MS = 60_000;

/** Waits for a Redis that is present: a busy machine may exceed the limit of the first connection. */
const storeAt = async (url: string, isPresent = true, limitMs = LIMIT_MS) => {
  const warnings: string[] = [];
  const connection = await connectRedis(url, systemClock, { warn: (message) => warnings.push(message) }, { limitMs });
  const store = redisStore(connection);
  onTestFinished(async () => {
    await store.close();
    await connection.close();
  });
  if (isPresent) await vi.waitUntil(() => connection.state === 'ok', LONG_WAIT);
  warnings.length = 0;
  return { store, connection, warnings };
};

/** Number of executions of each command in Redis. */
const commandsAt = async (url: string): Promise<(name: string) => number> => {
  const client = await createClient({ url }).connect();
  const stats = await client.info('commandstats');
  client.destroy();
  return (name) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
};

const untilHit = (store: ReturnType<typeof redisStore>) =>
  vi.waitFor(async () => {
    await store.setMany([A]);
    expect(await store.getMany(['a'])).toEqual(['"A"']);
  }, LONG_WAIT);

/** Number of calls, of this many, that the connection lets through to Redis. */
const attemptsOf = async ({ guarded }: Awaited<ReturnType<typeof connectRedis>>, calls: number): Promise<number> => {
  let attempts = 0;
  for (let call = 0; call < calls; call += 1) await guarded(async () => (attempts += 1)).catch(() => {});
  return attempts;
};

/** A proxy that delays every byte to the server by this time. */
const slowWayTo = async (port: number) => {
  const delay = { ms: 0 };
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('error', () => {});
    from.on('close', () => to.destroy());
    from.on('data', (data) => setTimeout(() => to.write(data), delay.ms));
  };
  const proxy = createServer((client) => {
    const server = createConnection({ host: '127.0.0.1', port });
    pass(client, server);
    pass(server, client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return { url: `redis://127.0.0.1:${portOf(proxy)}`, delay };
};

describe.skipIf(noOwnRedis !== null)(`Redis (${noOwnRedis ?? 'of its own'})`, () => {
  test('sixty keys need one read and one write', async () => {
    const { url } = await serverFor();
    // A call beyond the limit would be a miss, and the count of commands another one.
    const { store } = await storeAt(url, true, COUNTED_LIMIT_MS);
    const keys = Array.from({ length: 60 }, (_, at) => `key ${at}`);
    await store.getMany(keys);
    await store.setMany(keys.map((key) => ({ key, value: '1', ttlMs: 60_000 })));
    expect(await store.getMany(keys)).toEqual(keys.map(() => '1'));

    const calls = await commandsAt(url);
    expect([calls('mget'), calls('exec'), calls('set'), calls('get')]).toEqual([2, 1, 60, 0]);
  });

  test('keys have the namespace once, and values a seal and an expiry', async () => {
    const { url } = await serverFor();
    const { store, connection } = await storeAt(url);
    await store.setMany([A]);
    expect(await connection.client.keys('*')).toEqual(['tributary:cache::k:a']);
    expect(await connection.client.get('tributary:cache::k:a')).toMatch(/^tr1 \w+ "A"$/);
    expect(await connection.client.pTTL('tributary:cache::k:a')).toBeLessThanOrEqual(66_000);
  });

  test('killed: every call is a miss, and none is attempted; restarted on its port: a hit', async () => {
    const server = await serverFor();
    const { store, connection, warnings } = await storeAt(server.url);
    await store.setMany([A]);
    await server.kill();
    await vi.waitFor(() => expect(store.state).toBe('degraded'), LONG_WAIT);

    for (let times = 0; times < 1_000; times += 1) {
      expect(await store.getMany(['a', 'b'])).toEqual([undefined, undefined]);
      await store.setMany([A]);
    }
    expect(await attemptsOf(connection, 100)).toBe(0);

    await serverFor(server.port);
    await untilHit(store);
    expect(store.state).toBe('ok');
    expect(warnings).toEqual(['Redis does not answer; requests continue without it.', 'Redis answers again.']);
  });

  test('hung: one call waits, no other is sent or queued; running again: a hit', async () => {
    const server = await serverFor();
    const { store, connection } = await storeAt(server.url);
    await untilHit(store);
    const callsBefore = await commandsAt(server.url);
    server.pause();
    onTestFinished(() => server.resume());

    expect(await store.getMany(['a'])).toEqual([undefined]);
    expect(store.state).toBe('degraded');
    const value = JSON.stringify('x'.repeat(10_000));
    const before = process.memoryUsage().rss;
    for (let times = 0; times < 20_000; times += 1) {
      await store.getMany(['a']);
      await store.setMany([{ key: `${times}`, value, ttlMs: 60_000 }]);
    }
    expect(await attemptsOf(connection, 20_000)).toBe(0);
    // Queued, the values alone would take 200 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1_048_576);

    server.resume();
    await vi.waitFor(async () => expect(await store.getMany(['a'])).toEqual(['"A"']), LONG_WAIT);
    const calls = await commandsAt(server.url);
    // Redis has run the call that timed out, and reads after its return, but none of the 40,000.
    expect(calls('mget') - callsBefore('mget')).toBeLessThan(1_000);
    expect(calls('exec')).toBe(callsBefore('exec'));
  });

  test('hung until the connection is dropped: a hit once it runs again', async () => {
    const server = await serverFor();
    const { store, connection } = await storeAt(server.url);
    await store.setMany([A]);
    const lost = new Promise((resolve) => connection.client.once('reconnecting', resolve));
    server.pause();
    onTestFinished(() => server.resume());
    await lost;
    expect(await store.getMany(['a'])).toEqual([undefined]);
    server.resume();
    await untilHit(store);
  });

  test('slow: every call is a miss, and none is attempted; fast again: a hit', async () => {
    const { port } = await serverFor();
    const { url, delay } = await slowWayTo(port);
    const { store, connection } = await storeAt(url);
    await untilHit(store);

    delay.ms = LIMIT_MS + 1_000;
    await store.getMany(['a']);
    expect(store.state).toBe('degraded');
    expect(await attemptsOf(connection, 100)).toBe(0);
    delay.ms = 0;
    await untilHit(store);
  });

  test('absent: the start does not wait, every call is a miss; once present: a hit', async () => {
    const port = await freePort();
    const { store } = await storeAt(`redis://127.0.0.1:${port}`, false);
    expect(store.state).toBe('degraded');
    await store.setMany([A]);
    expect(await store.getMany(['a'])).toEqual([undefined]);

    await serverFor(port);
    await untilHit(store);
  });

  test('calls continue after an error reply of Redis', async () => {
    const { url } = await serverFor();
    const { store, connection } = await storeAt(url);
    await untilHit(store);
    await vi.waitFor(
      () => connection.client.configSet({ maxmemory: '1', 'maxmemory-policy': 'noeviction' }),
      LONG_WAIT,
    );
    await store.setMany([{ ...A, key: 'b' }]);
    await vi.waitFor(async () => expect(await store.getMany(['a', 'b'])).toEqual(['"A"', undefined]), LONG_WAIT);
    expect(store.state).toBe('ok');
  });
});
