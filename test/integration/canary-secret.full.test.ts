import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCollector } from '../support/backends/collector.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { tokenServer } from '../support/backends/token-server.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { ROOT, startNode } from '../support/processes/processes.ts';

const CANARY = 'c4nary-Zq81';
/** Forms in which the secret is sent. */
const FORMS = [
  CANARY,
  Buffer.from(CANARY).toString('base64').slice(0, 12),
  Buffer.from(`shop:${CANARY}`).toString('base64').slice(4, 18),
];

const MODULE = (tokenUrl: string, grantingUrl: string) => `
import { defineBackend, rest, secret } from 'tributary/backend';
import { z } from 'zod';
const text: string = 'type Query { bearer: String basic: String query: String header: String client: String granted: String thrown: String }';
const get = (client) => client.get('/thing/{id}', { path: { id: 1 }, response: z.string() });
export default defineBackend()({
  name: 'things',
  typeDefs: { text, file: import.meta.filename },
  upstreams: {
    bearer: rest({ auth: { bearer: secret('CANARY') } }),
    basic: rest({ auth: { basic: { user: 'shop', password: secret('CANARY') } } }),
    query: rest({ auth: { apiKey: { query: 'key', value: secret('CANARY') } } }),
    header: rest({ headers: { 'x-key': secret('CANARY') }, errors: () => { throw new Error('no') } }),
    client: rest({ auth: { clientCredentials: { tokenUrl: '${tokenUrl}', clientId: 'shop', clientSecret: secret('CANARY') } } }),
    granted: rest({ auth: { clientCredentials: { tokenUrl: '${grantingUrl}', clientId: 'shop', clientSecret: secret('CANARY') } } }),
  },
  resolvers: {
    Query: {
      bearer: (_, __, { clients }) => get(clients.bearer),
      basic: (_, __, { clients }) => get(clients.basic),
      query: (_, __, { clients }) => get(clients.query),
      header: (_, __, { clients }) => get(clients.header),
      client: (_, __, { clients }) => get(clients.client),
      granted: (_, __, { clients }) => get(clients.granted),
      thrown: async (_, __, { clients }) => {
        try {
          return await get(clients.bearer);
        } catch (error) {
          throw new Error('wrapped ' + JSON.stringify(error) + String(secret('CANARY')), { cause: error });
        }
      },
    },
  },
});
`;

const QUERY = '{ bearer basic query header client granted thrown }';

const expectNoCanary = (what: string, text: string): void => {
  for (const form of FORMS) expect(text.includes(form), `${what} has the secret: ${text.slice(0, 2_000)}`).toBe(false);
};

test('a secret is in no log line, span, metric, error, status, plan, output of a command or generated file', async () => {
  await using collector = await startCollector();
  const tokens = await tokenServer();
  tokens.answer = (response) =>
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: 'invalid_client', error_description: CANARY }));
  const granting = await tokenServer();
  granting.answer = (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: CANARY, token_type: 'Bearer' }));
  let received = 0;
  // Repeats its request, as frameworks do in their error pages.
  await using backend = await rawBackend((request, response) => {
    received += 1;
    const echo = JSON.stringify({ type: '/problems/x', url: request.url, headers: request.headers });
    const status = [401, 500, 429, 503, 400][received % 5] ?? 400;
    response
      .writeHead(status, { 'content-type': 'application/json', 'x-echo': String(request.headers['x-key']) })
      .end(echo);
  });
  const folder = folderWith({ 'things/index.ts': MODULE(tokens.url, granting.url), secret: `${CANARY}\n` });
  const names = ['BEARER', 'BASIC', 'QUERY', 'HEADER', 'CLIENT', 'GRANTED'];
  const env = {
    ...Object.fromEntries(names.map((name) => [`THINGS_${name}_ENDPOINTS`, backend.url])),
    ...{ SCHEMA_DIR: folder, HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', CLIENT_RATE_LIMIT: 'off' },
    CANARY_FILE: join(folder, 'secret'),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    LOG_LEVEL: 'debug',
  };
  const gateway = startNode('src/main.ts', [], { env });
  onTestFinished(() => gateway.stop().then(() => {}));
  const { groups } = await gateway.waitFor(/ready: (?<url>\S+) \(admin (?<admin>[^)]+)\)/);
  for (let round = 0; round < 5; round += 1) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(groups?.url ?? '', { method: 'POST', headers, body: JSON.stringify({ query: QUERY }) });
    expectNoCanary('a response', await answer.text());
  }
  expect(received).toBeGreaterThan(10);
  expect(granting.requests.length).toBeGreaterThan(0);
  for (const path of ['/metrics', '/status', '/health', '/readyz', '/overrides'])
    expectNoCanary(path, await (await fetch(`${groups?.admin}${path}`)).text());
  await gateway.stop();
  const output = gateway.output();
  expect(output).toContain('A token request of an upstream failed');
  expect(output).toContain('An upstream failed.');
  expectNoCanary('the log', output);
  expect(collector.spans.some(({ name }) => name === 'GET /thing/{id}')).toBe(true);
  expectNoCanary('the spans', collector.bodies.join('\n'));

  for (const args of [['plan', QUERY], ['blast-radius'], ['codegen'], ['codegen', '--check'], ['start', '--help']]) {
    const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...args], {
      env: { ...process.env, ...env, CANARY, CANARY_FILE: '' },
      encoding: 'utf8',
    });
    expectNoCanary(args.join(' '), stdout + stderr);
  }
  for (const name of readdirSync(join(folder, 'things')))
    expectNoCanary(name, readFileSync(join(folder, 'things', name), 'utf8'));

  const broken = startNode('src/main.ts', [], { env: { ...env, CANARY: `${CANARY}\u0001` } });
  await broken.ended;
  expect(broken.output()).toContain('CANARY: CANARY_FILE is set, too: remove one of them');
  expectNoCanary('a failed start', broken.output());
  const invalid = startNode('src/main.ts', [], { env: { ...env, CANARY_FILE: '', CANARY: `${CANARY}\u0001` } });
  await invalid.ended;
  expect(invalid.output()).toContain(
    'CANARY: the secret for auth.bearer of upstream "bearer" of things has characters',
  );
  expectNoCanary('a failed start', invalid.output());
});
