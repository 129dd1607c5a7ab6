import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { askForOrderPage } from '../support/gateway/order-page.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { holdPort, portOf } from '../support/processes/ports.ts';
import { type LivingProcess, processesWith, type RunningProcess, startNode } from '../support/processes/processes.ts';

const READY = /GraphQL +(?<graphql>\S+)[\s\S]*Health +(?<health>\S+)[\s\S]*Ctrl-C stops everything/;

interface Demo {
  readonly running: RunningProcess;
  /** Living processes of this demo, the demo itself included. */
  living(): LivingProcess[];
}

/** Starts the demo on free ports, with a mark in its environment by which all its processes are found. */
const startDemo = (env: Record<string, string> = {}): Demo => {
  const mark = randomUUID();
  const running = startNode('scripts/launch.js', ['src/cli/main.ts', 'demo'], {
    env: { PORT: '0', ADMIN_PORT: '0', DEMO_MOCK_PORT_BASE: '0', ...env, DEMO_MARK: mark },
    ownGroup: true,
  });
  onTestFinished(() => running.stop().then(() => {}));
  return { running, living: () => processesWith('DEMO_MARK', mark) };
};

const graphqlUrlOf = async (running: RunningProcess): Promise<string> =>
  (await running.waitFor(READY)).groups?.graphql ?? '';

test('the demo answers a page joined from four services', async () => {
  const { running } = startDemo();
  const { graphql = '', health = '' } = (await running.waitFor(READY)).groups ?? {};

  const page = await askForOrderPage(graphql);
  expect(page).toMatchObject({ status: 200, errors: [] });
  expect(page.orders).toHaveLength(20);
  expect(page.orders.every(({ customer, items }) => customer !== null && items.length === 3)).toBe(true);
  expect(page.orders.flatMap(({ items }) => items).some(({ product }) => product?.stock)).toBe(true);
  expect((await fetch(health)).status).toBe(200);
  // The redirect URI of a provider has the port of the gateway in it.
  expect(running.output()).toContain(
    '  Sign in    not with PORT=0: the provider must know the port. Set PORT to a free port.\n',
  );
});

test('the printed curl commands work literally, and break and repair the services that they name', async () => {
  const { running } = startDemo();
  const graphql = await graphqlUrlOf(running);
  const [runQuery = '', breakIt = '', mendIt = ''] = [...running.output().matchAll(/^ {2}(curl .*)$/gm)].map(
    ([, command = '']) => command,
  );
  const shell = (command: string) => promisify(execFile)('sh', ['-c', command]);
  expect(JSON.parse((await shell(runQuery)).stdout).data.orders).toHaveLength(20);

  await shell(breakIt);
  const broken = await askForOrderPage(graphql);
  expect(broken.orders).toHaveLength(20);
  expect(broken.orders.flatMap(({ items }) => items).every(({ product }) => product?.name && !product.stock)).toBe(
    true,
  );
  expect(broken.errors.length).toBeGreaterThan(0);
  await shell(mendIt);
  expect((await askForOrderPage(graphql)).errors).toEqual([]);
});

// The processes of a demo are read from /proc.
const onLinux = test.skipIf(!existsSync('/proc/self/environ'));

onLinux('a mock that dies is reported, and the rest of the page still comes', async () => {
  const { running, living } = startDemo();
  const graphql = await graphqlUrlOf(running);
  const inventory = living().find(({ command }) => command.includes('inventory'));
  process.kill(inventory?.pid ?? 0, 'SIGKILL');
  await running.waitFor(/The inventory mock ended \(SIGKILL\)/);
  expect((await askForOrderPage(graphql)).orders).toHaveLength(20);
});

const HELLO = `
import { defineBackend } from 'tributary/backend';
const text: string = 'type Query { hello: String }';
export default defineBackend()({
  name: 'hello',
  typeDefs: { text, file: import.meta.filename },
  resolvers: { Query: { hello: () => 'world' } },
});
`;

onLinux('modules of another folder run without the mocks of the shop, and without a word of them', async () => {
  const schemaDir = folderWith({ 'hello/index.ts': HELLO });
  const { running, living } = startDemo({ SCHEMA_DIR: schemaDir });
  const graphql = await graphqlUrlOf(running);
  expect(living()).toHaveLength(2);
  expect(running.output()).not.toMatch(/ACCOUNTS_|CATALOG_|ORDERS_|INVENTORY_|issuer|control/);
  expect(running.output()).toContain(`Write your own to ${schemaDir}/example.graphql`);
  const response = await fetch(`${graphql}?query={hello}`, { headers: { 'apollo-require-preflight': '1' } });
  expect(await response.json()).toEqual({ data: { hello: 'world' } });
});

const QUOTES = `
import { defineBackend, rest } from 'tributary/backend';
const text: string = 'type Query { quote: String }';
export default defineBackend()({
  name: 'quotes',
  typeDefs: { text, file: import.meta.filename },
  upstreams: { api: rest() },
  resolvers: { Query: { quote: (_root, _args, { clients }) => clients.api.get('/quote', { response: null }) } },
});
`;

onLinux('a module without a mock and without endpoints is reported, and other modules answer', async () => {
  const schemaDir = folderWith({ 'hello/index.ts': HELLO, 'quotes/index.ts': QUOTES });
  const { running } = startDemo({ SCHEMA_DIR: schemaDir });
  const graphql = await graphqlUrlOf(running);
  expect(running.output()).toMatch(/^QUOTES_API_ENDPOINTS is not set\. Calls to this upstream fail: set it to /m);
  const response = await fetch(`${graphql}?query={hello,quote}`, { headers: { 'apollo-require-preflight': '1' } });
  expect(await response.json()).toMatchObject({
    data: { hello: 'world', quote: null },
    errors: [{ path: ['quote'], extensions: { code: 'SERVICE_UNAVAILABLE' } }],
  });
});

onLinux('a service whose address is set has no mock', async () => {
  const { running, living } = startDemo({ INVENTORY_STOCK_ENDPOINTS: 'grpc://127.0.0.1:1' });
  const graphql = await graphqlUrlOf(running);
  expect(living().filter(({ command }) => command.includes('inventory'))).toEqual([]);
  expect((await askForOrderPage(graphql)).orders).toHaveLength(20);
});

const ENDINGS: Readonly<Record<string, { kill: (pid: number) => unknown; code: number | null }>> = {
  'Ctrl-C': { kill: (pid) => process.kill(-pid, 'SIGINT'), code: 0 },
  'SIGINT to the demo alone': { kill: (pid) => process.kill(pid, 'SIGINT'), code: 0 },
  SIGTERM: { kill: (pid) => process.kill(pid, 'SIGTERM'), code: 0 },
  SIGKILL: { kill: (pid) => process.kill(pid, 'SIGKILL'), code: null },
};
for (const [how, { kill, code }] of Object.entries(ENDINGS))
  onLinux(`${how} leaves no process behind`, async () => {
    const { running, living } = startDemo();
    await running.waitFor(READY);
    expect(living()).toHaveLength(7);
    kill(running.pid);
    expect((await running.ended).code).toBe(code);
    await expect.poll(living).toEqual([]);
  });

/** Ports that must be free after the taken one, for the other mocks. */
const AFTER_IT = 4;

onLinux('a DEMO_MOCK_PORT_BASE that is no port is named, with exit code 1', async () => {
  const { running, living } = startDemo({ DEMO_MOCK_PORT_BASE: 'x' });
  expect((await running.ended).code).toBe(1);
  expect(running.output().trim()).toBe('DEMO_MOCK_PORT_BASE: must be a whole number from 0 to 60000, in digits');
  expect(living()).toEqual([]);
});

const TAKEN: Readonly<Record<string, (port: number) => Record<string, string>>> = {
  'public listener': (port) => ({ PORT: String(port) }),
  'admin listener': (port) => ({ ADMIN_PORT: String(port) }),
  'first mock': (port) => ({ DEMO_MOCK_PORT_BASE: String(port - 1) }),
};
for (const [listener, env] of Object.entries(TAKEN))
  onLinux(`a port of the ${listener} that is taken is one clear message and exit code 1`, async () => {
    const taken = await holdPort(AFTER_IT);
    onTestFinished(() => void taken.close());
    const { running, living } = startDemo(env(portOf(taken)));
    expect((await running.ended).code).toBe(1);
    expect(running.output().match(new RegExp(`\\b${portOf(taken)}\\b`, 'g'))).toHaveLength(1);
    expect(running.output().trim().split('\n').length).toBeLessThan(3);
    expect(living()).toEqual([]);
  });
