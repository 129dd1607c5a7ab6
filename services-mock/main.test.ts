import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readArguments } from './arguments.ts';
import { json } from './test-clients.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

const run = (...args: readonly string[]): ChildProcess => {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
};

const READY = /^(\w+) listening on (https?|grpc):\/\/127\.0\.0\.1:(\d+) \(control (http:\/\/127\.0\.0\.1:\d+)\)$/;

/** Reads this many ready lines. */
const ready = async (child: ChildProcess, count: number) => {
  const mocks: { name: string; scheme: string; port: number; control: string }[] = [];
  if (child.stdout === null) throw new Error('stdout is not piped');
  for await (const line of createInterface(child.stdout)) {
    const [, name = '', scheme = '', port = '', control = ''] = READY.exec(line) ?? [];
    mocks.push({ name, scheme, port: Number(port), control });
    if (mocks.length === count) break;
  }
  return mocks;
};

const stderrOf = async (child: ChildProcess): Promise<string> => {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child, 'close');
  return text;
};

/** Opens a connection to each mock, to observe its end. */
const connections = (ports: readonly number[]) =>
  Promise.all(
    ports.map(async (port) => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => {}).resume();
      // Not `once` of events: a killed process may reset its connections.
      return { closed: new Promise((resolve) => socket.once('close', resolve)) };
    }),
  );

test('without a name all mocks run, and a signal ends all of them', async () => {
  const child = run('--port', '0', '--customers', '5');
  const mocks = await ready(child, 5);
  expect(mocks.map(({ name, scheme }) => `${name} ${scheme}`).toSorted()).toEqual([
    'accounts http',
    'catalog http',
    'inventory grpc',
    'issuer http',
    'orders http',
  ]);
  const accounts = mocks.find(({ name }) => name === 'accounts');
  expect((await json(`http://127.0.0.1:${accounts?.port}/customers`)).body).toHaveLength(5);
  for (const { control } of mocks) expect((await json(`${control}/__faults`)).body).toEqual({ faults: [] });

  const open = await connections(mocks.map(({ port }) => port));
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  await Promise.all(open.map(({ closed }) => closed));
});

test('a mock ends with its killed parent', async () => {
  const child = run('--port', '0');
  const open = await connections((await ready(child, 5)).map(({ port }) => port));
  child.kill('SIGKILL');
  await Promise.all(open.map(({ closed }) => closed));
});

test('one mock ends with code 0 on SIGINT, also while a client is connected', async () => {
  const child = run('inventory', '--port', '0');
  const [mock] = await ready(child, 1);
  await connections([mock?.port ?? 0]);
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
});

test.each(['accounts', 'inventory'])('%s says that its port is taken, and ends with code 1', async (name) => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    other.close();
  });
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const child = run(name, '--port', String(port), '--control-port', '0');
  expect(await stderrOf(child)).toBe(
    `${name}: Port ${port} on 127.0.0.1 is in use: choose another one, or stop what listens there\n`,
  );
  expect(child.exitCode).toBe(1);
});

test('a wrong argument is refused with the reason and the usage', async () => {
  const child = run('warehouse');
  const text = await stderrOf(child);
  expect(text).toContain('One of accounts, catalog, orders, inventory, issuer');
  expect(text).toContain('Usage: node services-mock/main.ts');
  expect(child.exitCode).toBe(1);
});

test.each([
  [['--port', '4101'], 'cannot share one port'],
  [['orders', '--port', '99999'], '--port must be a whole number'],
  [['orders', '--products', '2'], '--products must be a whole number from 3'],
  [['orders', '--stamp', 'red'], '--stamp is one of off, field, text'],
  [['orders', '--colour', 'red'], "Unknown option '--colour'"],
])('the arguments %j are refused with the reason', (args, reason) => {
  expect(() => readArguments(args)).toThrow(reason);
});
