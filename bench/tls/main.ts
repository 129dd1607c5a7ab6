/** `node bench/tls/main.ts`: TLS handshakes and bytes of a pass-through route a second, next to NGINX. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOAD_CORE, on, SERVER_CORE } from '../harness/cores.ts';
import { cpuOf } from '../harness/proc.ts';
import { tlsSection } from '../report/peers.ts';
import type { TlsCost, TlsFigure } from './tls-costs.ts';

const ROOT = join(import.meta.dirname, '../..');
const ROUNDS = 7;
const HANDSHAKE_S = 2;
const FILE_MIB = 64;
const [GATEWAY_PORT, NGINX_PORT, BACKEND_PORT] = [18_643, 18_644, 18_645];

const folder = mkdtempSync(join(tmpdir(), 'bench-tls-'));
const at = (name: string): string => join(folder, name);
const children: ChildProcess[] = [];

const MODULE = `
import { defineBackend, pass, rest } from 'tributary/backend';
export default defineBackend()({
  name: 'files',
  typeDefs: { text: 'type Query { none: String }', file: import.meta.filename },
  upstreams: { files: rest() },
  routes: { 'GET /files/{id}': pass('files', '/files/{id}') },
  resolvers: { Query: { none: () => null } },
});
`;

const NGINX = `
daemon off; master_process off; pid ${at('nginx.pid')}; error_log stderr crit; events { worker_connections 1024; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${at(name)};`).join(' ')}
  upstream files { server 127.0.0.1:${BACKEND_PORT}; keepalive 8; }
  server {
    listen 127.0.0.1:${NGINX_PORT} ssl http2;
    ssl_certificate ${at('one.pem')};
    ssl_certificate_key ${at('one.key')};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets on;
    location / {
      proxy_pass http://files;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }
  }
}
`;

const end = (): void => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
};
// A program that is not installed ends this one.
process.once('exit', end);

const start = (command: readonly string[], core: number, env: Readonly<Record<string, string>> = {}): ChildProcess => {
  const [program = '', ...args] = on(core, command);
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  return child;
};

const listening = async (port: number): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens on ${port}`);
};

/** Runs a program of the load on its core. Resolves with its output. */
const load = async (command: readonly string[]): Promise<string> => {
  const [program = '', ...args] = on(LOAD_CORE, command);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return output;
};

type Measured = (port: number, pid: number) => Promise<TlsFigure>;

/** Full handshakes by several clients of openssl. */
const handshakes =
  (version: string): Measured =>
  async (port, pid) => {
    const before = cpuOf(pid);
    const started = performance.now();
    const args = ['openssl', 's_time', '-connect', `127.0.0.1:${port}`, '-new', '-time', String(HANDSHAKE_S), version];
    const outputs = await Promise.all(Array.from({ length: 3 }, () => load(args)));
    const count = outputs.reduce(
      (sum, text) => sum + Number(/(\d+) connections in \d+ real seconds/.exec(text)?.[1] ?? 0),
      0,
    );
    return { rate: (count / (performance.now() - started)) * 1_000, cpuUs: (cpuOf(pid) - before) / count };
  };

const bytes =
  (version: string): Measured =>
  async (port, pid) => {
    const before = cpuOf(pid);
    const url = `https://127.0.0.1:${port}/files/1`;
    const seconds = Number(await load(['curl', '-sk', version, '-o', '/dev/null', '-w', '%{time_total}', url]));
    return { rate: FILE_MIB / seconds, cpuUs: (cpuOf(pid) - before) / FILE_MIB };
  };

const MEASURED: Readonly<Record<string, readonly [unit: string, measured: Measured]>> = {
  'handshakes, TLS 1.3': ['a second', handshakes('-tls1_3')],
  'handshakes, TLS 1.2': ['a second', handshakes('-tls1_2')],
  'a file over HTTP/1.1': ['MiB/s', bytes('--http1.1')],
  'a file over HTTP/2': ['MiB/s', bytes('--http2')],
};

const serveFiles = (): void => {
  const chunk = Buffer.alloc(1_048_576, 'x');
  const server = createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': FILE_MIB * chunk.length });
    for (let n = 0; n < FILE_MIB; n += 1) if (!response.write(chunk)) await once(response, 'drain');
    response.end();
  });
  server.listen(BACKEND_PORT, '127.0.0.1');
};

const measureAll = async (pids: Readonly<Record<'gateway' | 'nginx', number>>): Promise<readonly TlsCost[]> => {
  const costs: TlsCost[] = [];
  for (const [title, [unit, measured]] of Object.entries(MEASURED)) {
    const found: { ours: TlsFigure; its: TlsFigure }[] = [];
    for (let round = 0; round < ROUNDS + 1; round += 1)
      found.push({ ours: await measured(GATEWAY_PORT, pids.gateway), its: await measured(NGINX_PORT, pids.nginx) });
    // The first round warms up.
    costs.push({ title, unit, rounds: found.slice(1) });
  }
  return costs;
};

if (process.argv[2] === 'backend') serveFiles();
else
  try {
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', [...made, '-keyout', at('one.key'), '-out', at('one.pem'), '-subj', '/CN=localhost'], {
      stdio: 'pipe',
    });
    mkdirSync(at('modules/files'), { recursive: true });
    writeFileSync(at('modules/files/index.ts'), MODULE);
    symlinkSync(join(ROOT, 'node_modules'), at('modules/node_modules'));
    writeFileSync(at('nginx.conf'), NGINX);
    start([process.execPath, import.meta.filename, 'backend'], LOAD_CORE);
    const gateway = start([process.execPath, join(ROOT, 'src/main.ts')], SERVER_CORE, {
      ...{ SCHEMA_DIR: at('modules'), HOST: '127.0.0.1', PORT: String(GATEWAY_PORT), ADMIN_PORT: '0' },
      ...{ CLIENT_RATE_LIMIT: 'off', LOG_LEVEL: 'error', FILES_FILES_ENDPOINTS: `http://127.0.0.1:${BACKEND_PORT}` },
      TLS_CERTIFICATES: `${at('one.pem')};key=${at('one.key')}`,
    });
    const nginx = start(['nginx', '-p', folder, '-c', at('nginx.conf')], SERVER_CORE);
    await Promise.all([GATEWAY_PORT, NGINX_PORT, BACKEND_PORT].map(listening));
    const costs = await measureAll({ gateway: gateway.pid ?? 0, nginx: nginx.pid ?? 0 });
    if (process.send === undefined) console.log(tlsSection(costs));
    else process.send(costs);
  } finally {
    end();
  }
