import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, vi } from 'vitest';
import { folderWith } from '../modules/module-folder.ts';
import { LONG_WAIT } from './long-wait.ts';
import { portOf } from './ports.ts';
import { startNode } from './processes.ts';

/** SDL of a module with notes that are cached for a minute; only `few` is rate limited. */
const SDL = `
  type Query { note(id: ID!): Note few: Boolean @rateLimit(limit: 3, duration: 60) }
  type Note { id: ID! text: String }
`;
const INDEX = `
import { batch, byKey, defineBackend, rest, sdl } from 'tributary/backend';
const rows = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };
export default defineBackend()({
  name: 'notes',
  typeDefs: sdl(import.meta.url),
  upstreams: { api: rest() },
  loaders: ({ api }) => ({
    noteById: batch(
      async (ids) => byKey(await api.get('/notes', { query: { ids: ids.join(',') }, response: rows }), 'id'),
      { cache: { ttlMs: 60_000 } },
    ),
  }),
  resolvers: {
    Query: { note: (_root, { id }, { loaders }) => loaders.noteById.load(id), few: () => true },
  },
});
`;

/** A backend with notes that counts its calls. */
const startBackend = async () => {
  const asked = { count: 0 };
  const server = createServer((request, response) => {
    asked.count += 1;
    const ids = new URL(request.url ?? '', 'http://notes').searchParams.get('ids') ?? '';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(ids.split(',').map((id) => ({ id, text: `note ${id}` }))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, url: `http://127.0.0.1:${portOf(server)}` };
};

/** Starts the gateway's process with this Redis and the notes backend. */
export const startProgram = async (redisUrl: string) => {
  const { asked, url } = await startBackend();
  const running = startNode('src/main.ts', [], {
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      SCHEMA_DIR: folderWith({ 'notes/index.ts': INDEX, 'notes/schema.graphql': SDL }),
      NOTES_API_ENDPOINTS: url,
      REDIS_URL: redisUrl,
    },
  });
  onTestFinished(async () => {
    await running.stop('SIGKILL');
  });
  const [, graphql = '', admin = ''] = await running.waitFor(/ready: (\S+) \(admin (\S+)\)/);
  const runQuery = async (query: string) => {
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, ...JSON.parse(await response.text()) };
  };
  return {
    runQuery,
    /** Requests a note, checks the answer, and returns the number of backend calls it took. */
    callsFor: async (id: string): Promise<number> => {
      const before = asked.count;
      expect(await runQuery(`{ note(id: "${id}") { text } }`)).toEqual({
        status: 200,
        data: { note: { text: `note ${id}` } },
      });
      return asked.count - before;
    },
    readyz: async () => (await fetch(new URL('/readyz', graphql))).status,
    health: async () => {
      const response = await fetch(new URL('/health', admin));
      const { status, store } = JSON.parse(await response.text());
      return { code: response.status, status, store };
    },
    output: running.output,
  };
};

type Program = Awaited<ReturnType<typeof startProgram>>;

const DEGRADED = { code: 200, status: 'degraded', store: { kind: 'redis', status: 'degraded' } };
export const WELL = { code: 200, status: 'ok', store: { kind: 'redis', status: 'ok' } };

/** The first request calls the backend, a later one does not. A call to Redis in between may exceed its 50 ms. */
export const isCached = async (program: Program) => {
  expect(await program.callsFor('n1')).toBe(1);
  await vi.waitFor(async () => expect(await program.callsFor('n1')).toBe(0), LONG_WAIT);
};

export const withoutStore = async (program: Program) => {
  for (let times = 0; times < 20; times += 1) expect(await program.callsFor('n1')).toBe(1);
  expect(await program.readyz()).toBe(200);
  // /health is cached for a second.
  await vi.waitFor(async () => expect(await program.health()).toEqual(DEGRADED), LONG_WAIT);
  // Counted from zero in this process now; the limit still applies.
  const few = await Promise.all(Array.from({ length: 10 }, () => program.runQuery('{ few }')));
  expect(few.filter(({ data }) => data?.few === true)).toHaveLength(3);
  expect(JSON.stringify(few)).not.toMatch(/redis|127\.0\.0\.1|ECONN/i);
};

export const withStoreAgain = async (program: Program) => {
  await vi.waitFor(async () => expect(await program.callsFor('n1')).toBe(0), LONG_WAIT);
  await vi.waitFor(async () => expect(await program.health()).toEqual(WELL), LONG_WAIT);
};
