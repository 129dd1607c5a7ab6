import { expect, onTestFinished, test, vi } from 'vitest';
import { noProxies, startHaproxy, startNginx } from '../support/backends/proxies.ts';
import { type SwitchableServer, switchableServer } from '../support/backends/switchable-servers.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { blocksOf } from '../support/processes/doc-blocks.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { startNode } from '../support/processes/processes.ts';

type Headers = Readonly<Record<string, string>>;

/** What stands before the servers: a proxy, or the gateway with the module of the docs. */
interface Front {
  /** Name of the server that answered a read; null after a failure. */
  read(headers?: Headers): Promise<string | null>;
  /** Name of the server that answered a write; null after a failure. */
  write(): Promise<string | null>;
}

type Servers = Readonly<Record<'a' | 'b' | 'c', SwitchableServer>>;

const BLOCKS = blocksOf('docs/from-a-proxy.md');

const blockAfter = (language: string, first: string): string => {
  const from = BLOCKS.findIndex((block) => block.language === first);
  return BLOCKS.slice(from).find((block) => block.language === language)?.text ?? '';
};

const SDL =
  'type Query { order(id: ID!): Order } type Mutation { cancel(id: ID!): Order } type Order { server: String }';

const moduleWith = (upstreams: string): string => `
import { defineBackend, rest, sdl } from 'tributary/backend';
const response = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export default defineBackend()({
  name: 'shop',
  typeDefs: sdl(import.meta.url),
  upstreams: { ${upstreams} },
  resolvers: {
    Query: { order: (_root, { id }, { clients }) => clients.orders.get('/orders/{id}', { path: { id }, response }) },
    Mutation: { cancel: (_root, { id }, { clients }) => clients.orders.post('/orders/{id}', { path: { id }, response }) },
  },
});
`;

/** Addresses of the docs become those of the servers. */
const localised = (text: string, { a, b, c }: Servers): string =>
  text
    .replaceAll('10.0.0.1:8080', a.address)
    .replaceAll('10.0.0.2:8080', b.address)
    .replaceAll('10.0.0.9:8080', c.address);

const serversOf = async (): Promise<Servers> => {
  const [a, b, c] = await Promise.all([switchableServer('a'), switchableServer('b'), switchableServer('c')]);
  return { a, b, c };
};

const startProxy = async (language: 'nginx' | 'haproxy', servers: Servers): Promise<Front> => {
  const start = language === 'nginx' ? startNginx : startHaproxy;
  const proxy = await start(localised(blockAfter(language, language), servers));
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const call = async (method: string, headers: Headers = {}) => {
    const response = await fetch(`${proxy.url}/orders/1`, { method, headers });
    const text = await response.text();
    return response.ok ? String(JSON.parse(text).server) : null;
  };
  return { read: (headers) => call('GET', headers), write: () => call('POST') };
};

const startGateway = async (language: string, servers: Servers): Promise<Front> => {
  const endpoints = /^SHOP_ORDERS_ENDPOINTS="(.*)"$/m.exec(blockAfter('sh', language))?.[1] ?? '';
  const running = startNode('src/main.ts', [], {
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      SCHEMA_DIR: folderWith({ 'shop/index.ts': moduleWith(blockAfter('ts', language)), 'shop/schema.graphql': SDL }),
      SHOP_ORDERS_ENDPOINTS: localised(endpoints, servers),
    },
  });
  onTestFinished(async () => {
    await running.stop('SIGKILL');
  });
  const [, graphql = ''] = await running.waitFor(/ready: (\S+)/);
  // Each call has an id of its own: equal reads in flight would share one call.
  let id = 0;
  const call = async (field: string, headers: Headers = {}) => {
    id += 1;
    const kind = field === 'cancel' ? 'mutation' : 'query';
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: `${kind} ($id: ID!) { one: ${field}(id: $id) { server } }`, variables: { id } }),
    });
    const { data } = JSON.parse(await response.text());
    return data?.one?.server ?? null;
  };
  return { read: (headers) => call('order', headers), write: () => call('cancel') };
};

/** Names of the servers that answered reads, one after another. */
const readInTurn = async ({ read }: Front, count: number, headers?: Headers): Promise<(string | null)[]> => {
  const names: (string | null)[] = [];
  for (let at = 0; at < count; at += 1) names.push(await read(headers));
  return names;
};

const shareOf = (names: readonly (string | null)[], name: string): number =>
  names.filter((one) => one === name).length / names.length;

const NGINX = [
  ['nginx', startProxy],
  ['module', startGateway],
] as const;

const HAPROXY = [
  ['haproxy', startProxy],
  ['module', startGateway],
] as const;

/** A title, what happens, and what must hold in front of the servers. */
type Behaviour = readonly [title: string, holds: (front: Front, servers: Servers) => Promise<void>];

const noWriteTwice: Behaviour = [
  'a write that was answered with 503 is not repeated',
  async (front, { a, b, c }) => {
    for (const server of [a, b, c]) server.status = 503;
    expect(await front.write()).toBeNull();
    expect(a.requests + b.requests + c.requests).toBe(1);
  },
];

const AS_NGINX: readonly Behaviour[] = [
  noWriteTwice,
  [
    'of three reads two go to the server with weight 2, none to the backup',
    async (front, { c }) => {
      const names = await readInTurn(front, 300);
      expect(shareOf(names, 'a')).toBeGreaterThan(0.55);
      expect(shareOf(names, 'a')).toBeLessThan(0.78);
      expect(c.requests).toBe(0);
      expect(names).not.toContain(null);
    },
  ],
  [
    'a server that answers 503 receives three reads, and another server answers them',
    async (front, { a, c }) => {
      a.status = 503;
      expect(new Set(await readInTurn(front, 60))).toEqual(new Set(['b']));
      expect([a.requests, c.requests]).toEqual([3, 0]);
    },
  ],
  [
    'with both servers killed, the backup answers every read',
    async (front, { a, b }) => {
      await front.read();
      await Promise.all([a.kill(), b.kill()]);
      expect(new Set(await readInTurn(front, 60))).toEqual(new Set(['c']));
    },
  ],
];

const AS_HAPROXY: readonly Behaviour[] = [
  noWriteTwice,
  [
    'reads go to both servers in turn, none to the backup',
    async (front, { c }) => {
      const names = await readInTurn(front, 100);
      expect(Math.abs(shareOf(names, 'a') - 0.5)).toBeLessThanOrEqual(0.05);
      expect(c.requests).toBe(0);
      expect(names).not.toContain(null);
    },
  ],
  [
    'a server that fails its checks receives no reads until it passes them',
    async (front, { a }) => {
      a.health = 500;
      await vi.waitFor(async () => expect(new Set(await readInTurn(front, 20))).toEqual(new Set(['b'])), LONG_WAIT);
      a.health = 200;
      await vi.waitFor(async () => expect(await readInTurn(front, 20)).toContain('a'), LONG_WAIT);
    },
  ],
  [
    'no read fails while a server is killed',
    async (front, { a }) => {
      const reads = Promise.all(Array.from({ length: 4 }, () => readInTurn(front, 50)));
      await vi.waitFor(() => expect(a.requests).toBeGreaterThan(10), LONG_WAIT);
      await a.kill();
      expect((await reads).flat()).not.toContain(null);
    },
  ],
  [
    'with both servers killed, the backup answers once their checks have failed',
    async (front, { a, b }) => {
      await Promise.all([a.kill(), b.kill()]);
      await vi.waitFor(async () => expect(await front.read()).toBe('c'), LONG_WAIT);
      expect(new Set(await readInTurn(front, 50))).toEqual(new Set(['c']));
    },
  ],
  [
    'no server has more than 20 requests in flight, and 100 reads at one time are answered',
    async (front, { a, b, c }) => {
      for (const server of [a, b]) server.delayMs = 100;
      // On a busy machine this process, which has the servers, may pause for longer than the timeouts of the configuration.
      await vi.waitFor(async () => {
        const names = await Promise.all(Array.from({ length: 100 }, () => front.read()));
        expect(names).not.toContain(null);
      }, LONG_WAIT);
      expect([Math.max(a.peak, b.peak), c.requests]).toEqual([20, 0]);
    },
  ],
];

test
  .skipIf(noProxies)
  .each(NGINX.flatMap(([name, start]) => AS_NGINX.map(([title, holds]) => ({ name, title, start, holds }))))(
  'the NGINX configuration as $name: $title',
  async ({ start, holds }) => {
    const servers = await serversOf();
    await holds(await start('nginx', servers), servers);
  },
);

test
  .skipIf(noProxies)
  .each(HAPROXY.flatMap(([name, start]) => AS_HAPROXY.map(([title, holds]) => ({ name, title, start, holds }))))(
  'the HAProxy configuration as $name: $title',
  async ({ start, holds }) => {
    const servers = await serversOf();
    await holds(await start('haproxy', servers), servers);
  },
);

const AS_ISTIO: readonly Behaviour[] = [
  [
    'reads with the header go to v2, of the others one of ten',
    async (front) => {
      expect(new Set(await readInTurn(front, 30, { 'x-beta': 'on' }))).toEqual(new Set(['c']));
      const names = await readInTurn(front, 1_000);
      // Four standard deviations of 1,000 draws are 0.038.
      expect(Math.abs(shareOf(names, 'c') - 0.1)).toBeLessThan(0.04);
    },
  ],
  [
    'an endpoint of v1 that answers 503 receives five reads; no read fails',
    async (front, { a }) => {
      a.status = 503;
      expect(await readInTurn(front, 200)).not.toContain(null);
      expect(a.requests).toBe(5);
    },
  ],
  [
    'a retry stays in v2',
    async (front, { a, b, c }) => {
      c.status = 503;
      expect(await front.read({ 'x-beta': 'on' })).toBeNull();
      expect(c.requests).toBeGreaterThan(1);
      expect(a.requests + b.requests).toBe(0);
    },
  ],
];

test.each(AS_ISTIO)('the Istio configuration as module: %s', async (_title, holds) => {
  const servers = await serversOf();
  await holds(await startGateway('yaml', servers), servers);
});
