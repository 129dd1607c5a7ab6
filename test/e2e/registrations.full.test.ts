import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { noOwnRedis, startRedis } from '../support/backends/redis.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { portOf } from '../support/processes/ports.ts';
import { type RunningProcess, startNode } from '../support/processes/processes.ts';

const MODULE = `
import { defineBackend, rest } from 'tributary/backend';
import { z } from 'zod';
const text: string = 'type Query { order(id: Int!): String }';
export default defineBackend()({
  name: 'orders',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { store: rest({ balance: { policy: 'round-robin', slowStartMs: 0 } }) },
  resolvers: {
    Query: { order: (_, { id }, { clients }) => clients.store.get('/orders/{id}', { path: { id }, response: z.string() }) },
  },
});
`;

const UPSTREAM = 'orders.store';
const TOKEN = 'token-of-orders-store';
const KEY = 'key-of-one-orders-pod';
const TTL_MS = 2_000;
/** Within this time a change applies on every gateway. */
const APPLIES_MS = 1_000;
/** A busy machine delays single changes; a defect delays all of them. */
const TRIES = 5;

const Status = z.object({
  upstreams: z.object({
    [UPSTREAM]: z.object({
      endpoints: z.array(z.object({ address: z.string(), state: z.string() })),
      discovery: z.array(z.object({ failure: z.string().nullable() })),
    }),
  }),
});

/** A backend on an address of its own, which counts its calls. */
const startBackend = async (host: string) => {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.end('"well"');
  });
  await once(server.listen(0, host), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { address: `http://${host}:${portOf(server)}`, calls: () => calls };
};

const startGateway = async (redis: string) => {
  const running = startNode('src/main.ts', [], {
    env: {
      ...{ PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0', LOG_LEVEL: 'warn', CLIENT_RATE_LIMIT: 'off' },
      ...{ SCHEMA_DIR: folderWith({ 'orders/index.ts': MODULE }), REDIS_URL: redis },
      ...{ ORDERS_STORE_ENDPOINTS: 'registered:', REGISTRATION_NETWORKS: '127.0.0.0/24' },
      REGISTRATION_TOKENS: `${UPSTREAM}=${TOKEN}`,
    },
  });
  onTestFinished(() => running.stop('SIGKILL').then(() => {}));
  const [, graphql = '', admin = ''] = await running.waitFor(/ready: (\S+) \(admin (\S+)\)/);
  let id = 0;
  const status = async () => Status.parse(await (await fetch(new URL('/status', admin))).json()).upstreams[UPSTREAM];
  return {
    admin,
    /** Sends one query. @returns the answer's data, or the codes of its errors */
    order: async (): Promise<string> => {
      id += 1;
      const response = await fetch(graphql, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ order(id: ${id}) }` }),
      });
      return response.text();
    },
    addresses: async () =>
      (await status())?.endpoints.flatMap(({ address, state }) => (state === 'draining' ? [] : [address])).toSorted(),
    failure: async () => (await status())?.discovery[0]?.failure,
    metrics: async () => (await fetch(new URL('/metrics', admin))).text(),
    send: async (method: string, path: string, address: string, headers: Readonly<Record<string, string>> = {}) => {
      const response = await fetch(new URL(`/registrations/${UPSTREAM}/${path}`, admin), {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers, ...(method === 'PUT' && JSON_TYPE) },
        ...(method === 'PUT' && { body: JSON.stringify({ address, ttlMs: TTL_MS }) }),
      });
      return response.status;
    },
  };
};
const JSON_TYPE = { 'content-type': 'application/json' };

type Gateway = Awaited<ReturnType<typeof startGateway>>;

/** `tributary register` as a sidecar of a backend. */
const startSidecar = async (gateway: Gateway, id: string, address: string, key?: string): Promise<RunningProcess> => {
  const target = ['--gateway', gateway.admin, '--upstream', UPSTREAM, '--id', id, '--address', address];
  const running = startNode('src/cli/main.ts', ['register', ...target, '--ttl-ms', String(TTL_MS)], {
    env: { REGISTRATION_TOKEN: TOKEN, ...(key !== undefined && { REGISTRATION_KEY: key }) },
  });
  onTestFinished(() => running.stop('SIGKILL').then(() => {}));
  await running.waitFor(/Registered /);
  return running;
};

/** Milliseconds until all gateways have exactly these endpoints. */
const appliedMs = async (gateways: readonly Gateway[], addresses: readonly string[]): Promise<number> => {
  const since = performance.now();
  const expected = JSON.stringify(addresses.toSorted());
  await vi.waitUntil(
    async () => {
      const all = await Promise.all(gateways.map((gateway) => gateway.addresses()));
      return all.every((one) => JSON.stringify(one) === expected);
    },
    { ...LONG_WAIT, interval: 5 },
  );
  return performance.now() - since;
};

/** Sends queries to each gateway, and expects that all are answered. */
const expectAnswers = async (gateways: readonly Gateway[], count: number): Promise<void> => {
  for (const gateway of gateways)
    for (let at = 0; at < count; at += 1) expect(await gateway.order()).toBe('{"data":{"order":"well"}}\n');
};

test.skipIf(noOwnRedis !== null)(
  'with two gateway processes and one Redis, a lapsed endpoint has no calls after its TTL + 1 s on both, and a registered one has within 1 s',
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const gateways = await Promise.all([startGateway(redis.url), startGateway(redis.url)]);
    const [first, second] = gateways;
    const backends = await Promise.all(['127.0.0.1', '127.0.0.2', '127.0.0.3'].map(startBackend));
    const [a, b, c] = backends;
    if (a === undefined || b === undefined || c === undefined) throw new Error('three backends are needed');
    const all = [a.address, b.address, c.address];
    await startSidecar(first, 'a', a.address, KEY);
    await startSidecar(first, 'b', b.address);

    const lapses: number[] = [];
    const returns: number[] = [];
    const done = () => Math.min(...lapses) <= TTL_MS + APPLIES_MS && Math.min(...returns) <= APPLIES_MS;
    for (let at = 0; at < TRIES && !done(); at += 1) {
      // Registered at the first gateway, it has calls from both.
      const sidecar = await startSidecar(first, `c-${at}`, c.address);
      returns.push(await appliedMs(gateways, all));
      const before = c.calls();
      await expectAnswers([first], 10);
      const between = c.calls();
      await expectAnswers([second], 10);
      expect(between).toBeGreaterThan(before);
      expect(c.calls()).toBeGreaterThan(between);
      // It stops renewing and, as a backend, goes on.
      await sidecar.stop('SIGKILL');
      lapses.push(await appliedMs(gateways, [a.address, b.address]));
      const last = c.calls();
      await expectAnswers(gateways, 50);
      expect(c.calls()).toBe(last);
    }
    expect(Math.min(...lapses)).toBeLessThanOrEqual(TTL_MS + APPLIES_MS);
    expect(Math.min(...returns)).toBeLessThanOrEqual(APPLIES_MS);

    // A token of another upstream, an address outside the networks, the id of another owner.
    for (const { send } of gateways) {
      expect(await send('PUT', 'x', c.address, { authorization: 'Bearer token-of-a-stranger' })).toBe(401);
      expect(await send('PUT', 'x', 'http://127.0.1.1:80')).toBe(403);
      expect(await send('PUT', 'a', c.address)).toBe(409);
      expect(await send('PUT', 'a', a.address)).toBe(409);
      expect(await send('DELETE', `a?address=${a.address}`, '')).toBe(409);
      expect(await send('DELETE', 'a', '', { 'registration-key': 'key-of-a-stranger' })).toBe(409);
      expect(await send('PUT', 'b', c.address)).toBe(409);
    }
    expect(await appliedMs(gateways, [a.address, b.address])).toBeLessThan(LONG_WAIT.timeout);
  },
  300_000,
);

test.skipIf(noOwnRedis !== null)(
  'while Redis is stopped the last list of both gateways stays, and leases work again after its return',
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.close());
    const gateways = await Promise.all([startGateway(redis.url), startGateway(redis.url)]);
    const [first, second] = gateways;
    const [a, b] = [await startBackend('127.0.0.1'), await startBackend('127.0.0.2')];
    await startSidecar(first, 'a', a.address);
    const sidecar = await startSidecar(second, 'b', b.address);
    await appliedMs(gateways, [a.address, b.address]);

    await redis.kill();
    await sidecar.waitFor(/Registration at .* failed: Redis does not answer/);
    await vi.waitUntil(async () => (await first.failure()) !== null && (await second.failure()) !== null, LONG_WAIT);
    await sleep(TTL_MS + 2 * APPLIES_MS);
    for (const gateway of gateways) {
      expect(await gateway.addresses()).toEqual([a.address, b.address].toSorted());
      const metrics = await gateway.metrics();
      expect(metrics).toMatch(/^tributary_upstream_source_up\{[^}]*tributary_source="registered:"[^}]*\} 0$/m);
      expect(metrics).toMatch(/^tributary_upstream_source_failures_total\{[^}]*tributary_reason="unreachable"/m);
      expect(await gateway.send('PUT', 'c', a.address)).toBe(503);
    }
    await expectAnswers(gateways, 20);

    const again = await startRedis(redis.port);
    onTestFinished(() => again.close());
    await vi.waitUntil(async () => (await first.failure()) === null && (await second.failure()) === null, LONG_WAIT);
    await sidecar.waitFor(/failed: [\s\S]*Registered /);
    expect(await Promise.all(gateways.map((gateway) => gateway.addresses()))).toEqual(
      gateways.map(() => [a.address, b.address].toSorted()),
    );
    await sidecar.stop('SIGKILL');
    await appliedMs(gateways, [a.address]);
    await expectAnswers(gateways, 20);
  },
  300_000,
);
