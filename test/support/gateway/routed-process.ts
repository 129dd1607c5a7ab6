import { readFileSync, rmSync } from 'node:fs';
import { vi } from 'vitest';
import { emptyFolder, writeIn } from '../processes/checkout.ts';
import { LONG_WAIT } from '../processes/long-wait.ts';
import { freePort } from '../processes/ports.ts';
import { type RunningProcess, startNode } from '../processes/processes.ts';

/** A gateway process with pass-through routes to one backend. */
export interface RoutedProcess extends RunningProcess, AsyncDisposable {
  readonly origin: string;
  readonly adminOrigin: string;
  /** Resident memory of the process (Linux). */
  residentBytes(): number;
}

const MODULE = `
import { defineBackend, pass, rest, websocket } from 'tributary/backend';
export default defineBackend()({
  name: 'files',
  typeDefs: { text: 'type Query { files: Int }', file: import.meta.filename },
  upstreams: { files: rest(), impatient: rest({ timeoutMs: 200, retry: false }) },
  routes: {
    'GET /files/{id}': pass('files', '/v2/files/{id}'),
    'POST /uploads': pass('files', { maxBytes: 4_000_000_000 }),
    'GET /impatient': pass('impatient'),
    'GET /live': websocket('files'),
  },
  resolvers: { Query: { files: () => 1 } },
});
`;

const PAGE_BYTES = 4_096;

/** Starts the gateway, and waits until it is ready. */
export const routedProcess = async (
  backend: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RoutedProcess> => {
  const folder = emptyFolder();
  writeIn(folder, 'files/index.ts', MODULE);
  const [port, adminPort] = [await freePort(), await freePort()];
  const running = startNode('src/main.ts', [], {
    env: {
      SCHEMA_DIR: folder,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      CLIENT_RATE_LIMIT: 'off',
      FILES_FILES_ENDPOINTS: backend,
      FILES_IMPATIENT_ENDPOINTS: backend,
      ...env,
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  const isReady = async () => (await fetch(`${origin}/readyz`).catch(() => null))?.status === 200;
  await vi.waitUntil(isReady, LONG_WAIT);
  return {
    ...running,
    origin,
    adminOrigin: `http://127.0.0.1:${adminPort}`,
    residentBytes: () => Number(readFileSync(`/proc/${running.pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES,
    [Symbol.asyncDispose]: async () => {
      await running.stop('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
};
