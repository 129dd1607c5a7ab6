import { onTestFinished, vi } from 'vitest';
import { folderWith } from '../modules/module-folder.ts';
import { LONG_WAIT } from '../processes/long-wait.ts';
import { freePort } from '../processes/ports.ts';
import { type ProcessOptions, type RunningProcess, startNode } from '../processes/processes.ts';

/** A gateway process over one module without upstreams. */
export interface SmallProcess extends RunningProcess {
  readonly port: number;
  /** No slash at the end. */
  readonly origin: string;
  readonly adminOrigin: string;
  /** Posts an operation. @returns status and body. */
  post(query: string): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
  metrics(): Promise<string>;
}

const MODULE = `
import { defineBackend } from 'tributary/backend';
const text = \`
  type Query {
    hello: String
    "Blocks the process."
    busy(ms: Int!): String
    "Answers after so many milliseconds."
    slow(ms: Int!): String
    items(count: Int!): [Item!]
  }
  type Mutation { busyMutation(ms: Int!): String }
  type Item { id: ID! text: String }
\`;
const busy = (_root, { ms }) => {
  process.stderr.write('busy\\n');
  const end = performance.now() + ms;
  while (performance.now() < end);
  return 'done';
};
export default defineBackend()({
  name: 'small',
  typeDefs: { text, file: import.meta.filename },
  resolvers: {
    Query: {
      hello: () => 'world',
      busy,
      slow: (_root, { ms }) => new Promise((resolve) => setTimeout(resolve, ms, 'done')),
      items: (_root, { count }) => Array.from({ length: count }, (_, n) => ({ id: String(n), text: 'x'.repeat(100) })),
    },
    Mutation: { busyMutation: busy },
  },
});
`;

/** Starts a gateway process, and waits until it is ready. It ends with the test. */
export const startSmall = async (options: ProcessOptions = {}): Promise<SmallProcess> => {
  const [port, adminPort] = [await freePort(), await freePort()];
  const running = startNode('src/main.ts', [], {
    ...options,
    env: {
      SCHEMA_DIR: folderWith({ 'small/index.ts': MODULE }),
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      CLIENT_RATE_LIMIT: 'off',
      ...options.env,
    },
  });
  onTestFinished(() => running.stop('SIGKILL').then(() => {}));
  const [origin, adminOrigin] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${adminPort}`];
  const isReady = async () => (await fetch(`${origin}/readyz`).catch(() => null))?.status === 200;
  await vi.waitUntil(isReady, LONG_WAIT);
  const post = async (query: string) => {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const metrics = async () => (await fetch(`${adminOrigin}/metrics`)).text();
  return { ...running, port, origin, adminOrigin, post, metrics };
};
