import { pass, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { memoryStore } from '../../src/cache/memory.ts';
import { systemClock } from '../../src/core/clock.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { routedGateway } from '../support/gateway/routed-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const Version = z.string();

const module = define({
  name: 'shop',
  typeDefs: typeDefs('type Query { version: String @cacheControl(maxAge: 60) }'),
  upstreams: {
    orders: rest({
      routing: {
        subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
        routes: [
          { when: { header: { 'X-Beta': 'on' } }, to: 'v2' },
          { when: { cookie: { beta: 'on' } }, to: 'v2' },
          { when: { client: 'ios', clientVersion: '2.*' }, to: 'v2' },
          { to: 'v1', sticky: { header: 'x-group' } },
        ],
      },
    }),
    plain: rest(),
  },
  routes: {
    'GET /orders/{id}': pass('orders'),
    'GET /stored/{id}': pass('orders', { cache: true }),
    'GET /chosen/{id}': [pass('orders', { when: { header: { 'x-api-version': '2' } } }), pass('plain')],
    'GET /plain/{id}': pass('plain'),
  },
  resolvers: {
    Query: {
      // biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
      version: (_: unknown, _args: unknown, { clients }: any) => clients.orders.get('/v', { response: Version }),
    },
  },
});

/** In the order of the routes. */
const ROUTING = ['x-beta', 'cookie', 'apollographql-client-name', 'apollographql-client-version', 'x-group'];

const start = async (isDirect = true) => {
  const servers = await Promise.all(
    ['v1', 'v2'].map(async (version) => ({
      version,
      backend: await rawBackend((_request, response) => {
        const headers = { 'content-type': 'application/json', 'cache-control': 'public, max-age=60', vary: 'accept' };
        response.writeHead(200, headers).end(`"${version}"`);
      }),
    })),
  );
  const gateway = await routedGateway([module], () => {}, {
    urls: servers.map(({ version, backend }) => `${backend.url};labels=version:${version}`),
    store: memoryStore(systemClock),
    listener: { directEdge: isDirect },
  });
  onTestFinished(async () => {
    await gateway[Symbol.asyncDispose]();
    for (const { backend } of servers) await backend[Symbol.asyncDispose]();
  });
  return async (path: string, headers: Readonly<Record<string, string>> = {}, body?: string) => {
    const response = await fetch(gateway.origin + path, {
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { method: 'POST', body }),
    });
    const vary = (response.headers.get('vary') ?? '').toLowerCase().split(/, */);
    return { text: await response.text(), control: response.headers.get('cache-control'), vary };
  };
};

const BETA = { 'x-beta': 'on' };

test('a cacheable answer of a route has the headers that choose the version of its upstream in Vary', async () => {
  const get = await start();
  for (const path of ['/orders/1', '/stored/1', '/stored/1'])
    for (const [headers, text] of [
      [{}, '"v1"'],
      [BETA, '"v2"'],
      [{ cookie: 'beta=on' }, '"v2"'],
    ] as const)
      expect(await get(path, headers)).toEqual({ text, control: 'public, max-age=60', vary: [...ROUTING, 'accept'] });
});

test('Vary of a route with conditions has those headers, and those of its own upstream only', async () => {
  const get = await start();
  expect((await get('/chosen/1', { 'x-api-version': '2' })).vary).toEqual(['x-api-version', ...ROUTING, 'accept']);
  expect((await get('/chosen/1')).vary).toEqual(['x-api-version', 'accept']);
  expect((await get('/plain/1')).vary).toEqual(['accept']);
});

test.each([
  ['the direct edge', true],
  ['the way through Fastify', false],
])(
  '%s: a public answer of GraphQL has the headers that choose versions of upstreams in Vary',
  async (_edge, isDirect) => {
    const get = await start(isDirect);
    const query = JSON.stringify({ query: '{ version }' });
    // A known operation takes another way, and its answer may be a stored one.
    for (const _ of ['first', 'known'])
      for (const [headers, version] of [
        [{}, 'v1'],
        [BETA, 'v2'],
      ] as const) {
        const { text, control, vary } = await get('/graphql', headers, query);
        expect([JSON.parse(text), control]).toEqual([{ data: { version } }, 'max-age=60, public']);
        expect(vary).toEqual(expect.arrayContaining(ROUTING));
      }
    // Not cacheable.
    expect((await get('/graphql', {}, JSON.stringify({ query: '{ __typename }' }))).vary).not.toContain('x-beta');
  },
);
