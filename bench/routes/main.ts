/**
 * A pass-through route of 10 KiB next to HAProxy, each alone on one core, in front of NGINX with a static file. It prints
 * the CPU of a request, and the requests a second that this core makes of it. HAProxy and NGINX must be installed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { LOAD_CORE, moveTo, on, SERVER_CORE, whyNotHere } from '../harness/cores.ts';
import { cpuOf } from '../harness/proc.ts';
import { freePort } from '../harness/server.ts';
import { routeSection } from '../report/peers.ts';
import { loadOf } from './load.ts';
import { BY_HAND, GATEWAY, HAPROXY, type RouteCost, WITH_LOG } from './route-costs.ts';

const ROOT = join(import.meta.dirname, '../..');
const BYTES = 10_240;
const ROUNDS = 9;
const REQUESTS = 20_000;
const CONNECTIONS = 32;

const MODULE = `
import { defineBackend, pass, rest } from 'tributary/backend';
export default defineBackend()({
  name: 'files',
  typeDefs: { text: 'type Query { files: Int }', file: import.meta.filename },
  upstreams: { files: rest() },
  routes: { 'GET /files/{id}': pass('files') },
  resolvers: { Query: { files: () => 1 } },
});
`;

const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
const children: ChildProcess[] = [];

const end = (): void => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
};
// A program that is not installed ends this one.
process.once('exit', end);

const start = (core: number, command: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess => {
  const [program, ...args] = on(core, command);
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'ignore' });
  children.push(child);
  return child;
};

const answering = async (url: string): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await after(50);
  }
  throw new Error(`${url} does not answer.`);
};

const startNginx = async (): Promise<number> => {
  const port = await freePort();
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files/a'), Buffer.alloc(BYTES, 'x'));
  const server = `server { listen 127.0.0.1:${port}; root ${folder}; keepalive_requests 1000000; }`;
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const http = `access_log off; sendfile on; tcp_nopush on; ${paths.join(' ')} ${server}`;
  const text = `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit; events {} http { ${http} }`;
  writeFileSync(join(folder, 'nginx.conf'), text);
  start(LOAD_CORE, ['nginx', '-p', folder, '-c', join(folder, 'nginx.conf')]);
  await answering(`http://127.0.0.1:${port}/files/a`);
  return port;
};

interface Proxy {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
}

const startHaproxy = async (backend: number, hasLog: boolean): Promise<Proxy> => {
  const port = await freePort();
  const name = hasLog ? HAPROXY + WITH_LOG : HAPROXY;
  const log = hasLog ? ' log stdout format raw local0\n option httplog\n' : '';
  const times = 'timeout client 60s\n timeout server 60s\n timeout connect 1s\n http-reuse always';
  const text = `global\n nbthread 1\ndefaults\n mode http\n${log} ${times}\nfrontend f\n bind 127.0.0.1:${port}\n default_backend b\nbackend b\n server a 127.0.0.1:${backend}\n`;
  writeFileSync(join(folder, `${name}.cfg`), text);
  const child = start(SERVER_CORE, ['haproxy', '-db', '-f', join(folder, `${name}.cfg`)]);
  await answering(`http://127.0.0.1:${port}/files/a`);
  return { name, pid: child.pid ?? 0, port };
};

const startByHand = async (backend: number): Promise<Proxy> => {
  const port = await freePort();
  const child = start(SERVER_CORE, [process.execPath, join(ROOT, 'bench/routes/by-hand.ts')], {
    PORT: String(port),
    ORIGIN: `http://127.0.0.1:${backend}`,
  });
  await answering(`http://127.0.0.1:${port}/files/a`);
  return { name: BY_HAND, pid: child.pid ?? 0, port };
};

const startGateway = async (backend: number, hasLog: boolean): Promise<Proxy> => {
  const [port, adminPort] = [await freePort(), await freePort()];
  mkdirSync(join(folder, 'schema/files'), { recursive: true });
  writeFileSync(join(folder, 'schema/files/index.ts'), MODULE);
  const child = start(SERVER_CORE, [process.execPath, join(ROOT, 'src/main.ts')], {
    SCHEMA_DIR: join(folder, 'schema'),
    HOST: '127.0.0.1',
    LOG_LEVEL: hasLog ? 'info' : 'warn',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    CLIENT_RATE_LIMIT: '999999999/60',
    FILES_FILES_ENDPOINTS: `http://127.0.0.1:${backend}`,
  });
  await answering(`http://127.0.0.1:${port}/files/a`);
  return { name: hasLog ? GATEWAY + WITH_LOG : GATEWAY, pid: child.pid ?? 0, port };
};

/** CPU of one request in microseconds. */
const costOf = async ({ pid, port }: Proxy): Promise<number> => {
  const before = cpuOf(pid);
  await loadOf({ port, path: '/files/a', bytes: BYTES, requests: REQUESTS, connections: CONNECTIONS });
  return (cpuOf(pid) - before) / REQUESTS;
};

const run = async (): Promise<readonly RouteCost[]> => {
  moveTo(LOAD_CORE, process.pid);
  const backend = await startNginx();
  const proxies = [
    await startHaproxy(backend, false),
    await startHaproxy(backend, true),
    await startByHand(backend),
    await startGateway(backend, false),
    await startGateway(backend, true),
  ];
  const costs = new Map(proxies.map(({ name }) => [name, [] as number[]]));
  for (let round = -2; round < ROUNDS; round += 1)
    for (const proxy of proxies) {
      const cost = await costOf(proxy);
      if (round >= 0) costs.get(proxy.name)?.push(cost);
    }
  return [...costs].map(([name, cpuUsByRound]) => ({ name, cpuUsByRound }));
};

const obstacle = whyNotHere(2);
try {
  if (obstacle !== null) throw new Error(obstacle);
  const costs = await run();
  if (process.send === undefined) console.log(routeSection(costs));
  else process.send(costs);
} finally {
  end();
}
