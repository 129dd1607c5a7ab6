import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { type RunningProcess, startNode } from '../support/processes/processes.ts';

const MODULE = `
import { batch, defineBackend, rest } from 'tributary/backend';
import { z } from 'zod';
const text: string = 'type Query { where: String note: Note } type Note { id: ID! text: String }';
export default defineBackend()({
  name: 'places',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { site: rest({ balance: { policy: { hash: 'client' } }, forward: { client: true } }) },
  loaders: ({ site }) => ({
    noteById: batch(async (ids) => {
      const text = await site.get('/note', { response: z.string() });
      return new Map(ids.map((id) => [id, { id, text }]));
    }),
  }),
  merge: { Note: { key: 'id', load: 'noteById', cache: { ttlMs: 60_000 } } },
  resolvers: {
    Query: {
      where: (_, __, { clients }) => clients.site.get('/where', { response: z.string() }),
      note: (_, __, { loaders }) => loaders.noteById.load('n1'),
    },
  },
});
`;

const Line = z.looseObject({ msg: z.string(), client: z.looseObject({ address: z.string() }) });

const addressesIn = (gateway: RunningProcess): readonly string[] =>
  gateway
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"msg":"request"'))
    .map((line) => Line.parse(JSON.parse(line)).client.address);

/** Requests received by each of two backends: path and X-Forwarded-For. */
const startPlaces = async () => {
  const seen: (readonly string[])[][] = [[], []];
  const backends = await Promise.all(
    seen.map((requests) =>
      rawBackend((request, response) => {
        requests.push([request.url ?? '', String(request.headers['x-forwarded-for'])]);
        response.writeHead(200, { 'content-type': 'application/json' }).end('"x"');
      }),
    ),
  );
  const gateway = startNode('src/main.ts', [], {
    env: {
      ...{ SCHEMA_DIR: folderWith({ 'places/index.ts': MODULE }), HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0' },
      ...{ PLACES_SITE_ENDPOINTS: backends.map(({ url }) => url).join(), TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' },
      CLIENT_RATE_LIMIT: '8/3600',
    },
  });
  onTestFinished(async () => {
    await gateway.stop('SIGKILL');
    for (const backend of backends) await backend[Symbol.asyncDispose]();
  });
  const { groups } = await gateway.waitFor(/ready: (?<url>\S+)/);
  const runQuery = async (query: string, headers: Record<string, string>) => {
    const response = await fetch(groups?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: await response.json() };
  };
  return { gateway, seen, runQuery };
};

/** One client address in the notations that proxies use. */
const WRITTEN: readonly Record<string, string>[] = [
  { 'x-forwarded-for': '203.0.113.7' },
  { 'x-forwarded-for': '203.0.113.7:5001' },
  { 'x-forwarded-for': 'unknown, 203.0.113.7:5002, 10.0.0.1' },
  { 'x-forwarded-for': '::ffff:203.0.113.7' },
  { 'x-forwarded-for': '"[::ffff:203.0.113.7]:5003"' },
  { forwarded: 'for="203.0.113.7:5004";proto=https' },
  { forwarded: 'for=_hidden, for="[::FFFF:203.0.113.7]:_x", for=10.0.0.1' },
];

test('every notation of a client’s address has one endpoint, one address at backends and in the log, one cache entry and one limit', async () => {
  const { gateway, seen, runQuery } = await startPlaces();
  for (const headers of WRITTEN)
    expect(await runQuery('{ where note { text } }', headers)).toEqual({
      status: 200,
      body: { data: { where: 'x', note: { text: 'x' } } },
    });
  const used = seen.filter((requests) => requests.length > 0);
  expect(used).toHaveLength(1);
  const requests = used.flat();
  expect(new Set(requests.map(([, address]) => address))).toEqual(new Set(['203.0.113.7']));
  expect(requests.filter(([path]) => path === '/where')).toHaveLength(WRITTEN.length);
  // The note is cached per caller, and the address is part of the cache key.
  expect(requests.filter(([path]) => path === '/note')).toHaveLength(1);
  expect((await runQuery('{ where }', { 'x-forwarded-for': '203.0.113.7:6000' })).status).toBe(200);
  expect((await runQuery('{ where }', { forwarded: 'for="203.0.113.7:7000"' })).status).toBe(429);
  expect((await runQuery('{ where }', { 'x-forwarded-for': '203.0.113.8:5001' })).status).toBe(200);
  await expect.poll(() => addressesIn(gateway)).toHaveLength(WRITTEN.length + 3);
  expect(new Set(addressesIn(gateway))).toEqual(new Set(['203.0.113.7', '203.0.113.8']));
});
