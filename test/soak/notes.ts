import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { emptyFolder, writeIn } from '../support/processes/checkout.ts';
import { portOf } from '../support/processes/ports.ts';
import { startNode } from '../support/processes/processes.ts';

/** Every request reads the cache, and counts twice: for the client and for the field. */
const MODULE = `
import { batch, byKey, defineBackend, rest } from 'tributary/backend';
const rows = { '~standard': { version: 1, vendor: 'soak', validate: (value) => ({ value }) } };
const text = 'type Query { note(id: ID!): Note @rateLimit(limit: 1000000, duration: 60) } type Note { id: ID! text: String }';
export default defineBackend()({
  name: 'notes',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { api: rest() },
  loaders: ({ api }) => ({
    noteById: batch(
      async (ids) => byKey(await api.get('/notes', { query: { ids: ids.join(',') }, response: rows }), 'id'),
      { cache: { ttlMs: 60_000 } },
    ),
  }),
  resolvers: { Query: { note: (_root, { id }, { loaders }) => loaders.noteById.load(id) } },
});
`;

/** Collects garbage on a signal and reports what is left. Pages return to the system seconds after they were freed. */
const COLLECTOR = `
let times = 0;
process.on('SIGUSR2', () => {
  const number = ++times;
  const collect = (left) => {
    gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    if (left > 0) setTimeout(collect, 500, left - 1);
    else console.log(\`collected \${number}: \${rss} \${heapUsed + external}.\`);
  };
  collect(16);
});
`;

const startBackend = async () => {
  const server = createServer((request, response) => {
    const ids = new URL(request.url ?? '', 'http://notes').searchParams.get('ids') ?? '';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(ids.split(',').map((id) => ({ id, text: `note ${id}` }))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => server.close().closeAllConnections() };
};

/** Memory of a process after a garbage collection, in bytes. */
export interface Memory {
  readonly rss: number;
  /** Buffers included. */
  readonly heap: number;
}

export interface NotesGateway extends AsyncDisposable {
  readonly pid: number;
  readonly graphql: string;
  readonly admin: string;
  memory(): Promise<Memory>;
}

/** The gateway as a process of its own, over a module of notes, with this Redis. */
export const startNotesGateway = async (redisUrl: string): Promise<NotesGateway> => {
  const folder = emptyFolder();
  writeIn(folder, 'notes/index.ts', MODULE);
  writeIn(folder, '_collector.mjs', COLLECTOR);
  const backend = await startBackend();
  const gateway = startNode('src/main.ts', [], {
    env: {
      ...{ PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0', LOG_LEVEL: 'warn', CLIENT_RATE_LIMIT: '99999999/60' },
      ...{ SCHEMA_DIR: folder, REDIS_URL: redisUrl, NOTES_API_ENDPOINTS: backend.url },
      // A small nursery: the default grows with the load to many times the leak that this test looks for.
      NODE_OPTIONS: `--expose-gc --max-semi-space-size=2 --import=${join(folder, '_collector.mjs')}`,
    },
  });
  const end = async () => {
    await gateway.stop();
    backend.close();
    rmSync(folder, { recursive: true });
  };
  let times = 0;
  const memory = async (): Promise<Memory> => {
    times += 1;
    process.kill(gateway.pid, 'SIGUSR2');
    const [, rss, heap] = await gateway.waitFor(new RegExp(`collected ${times}: (\\d+) (\\d+)\\.`));
    return { rss: Number(rss), heap: Number(heap) };
  };
  try {
    const [, graphql = '', admin = ''] = await gateway.waitFor(/ready: (\S+) \(admin (\S+)\)/);
    return { pid: gateway.pid, graphql, admin, memory, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
};
