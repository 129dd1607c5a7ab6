import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { portOf } from '../processes/ports.ts';
import { seeded } from '../random/seeded.ts';
import { FaultProxy, type Toxic } from './fault-proxy.ts';

/** An echo server behind a proxy. */
const echoed = async (...toxics: readonly Toxic[]): Promise<FaultProxy> => {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await FaultProxy.to(portOf(server), seeded(7));
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  for (const toxic of toxics) proxy.add(toxic);
  return proxy;
};

interface Seen {
  readonly text: string;
  readonly pieces: number;
  readonly ms: number;
  readonly ending: 'closed' | 'reset' | 'refused' | 'open';
}

/** Returns the echo of this text, until the connection ends or all of it has arrived. */
const talk = async (port: number, text: string, timeoutMs = 60_000): Promise<Seen> => {
  const socket: Socket = connect(port, '127.0.0.1');
  const since = performance.now();
  const pieces: string[] = [];
  const { promise, resolve } = Promise.withResolvers<Seen['ending']>();
  socket.on('data', (piece) => {
    pieces.push(String(piece));
    if (pieces.join('') === text) resolve('open');
  });
  socket.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
  socket.once('end', () => resolve('closed'));
  const timer = setTimeout(() => resolve('open'), timeoutMs);
  socket.write(text);
  const ending = await promise;
  clearTimeout(timer);
  socket.destroy();
  return { text: pieces.join(''), pieces: pieces.length, ms: performance.now() - since, ending };
};

test('without a toxic all bytes pass and are counted', async () => {
  const proxy = await echoed();
  expect(await talk(proxy.port, 'hello')).toMatchObject({ text: 'hello', ending: 'open' });
  expect(proxy.counts).toMatchObject({ accepted: 1, upstreamBytes: 5, downstreamBytes: 5 });
  await expect.poll(() => proxy.counts.open).toBe(0);
});

test('latency delays every piece until it is switched off', async () => {
  const proxy = await echoed();
  const remove = proxy.add({ is: 'latency', ms: 150, jitterMs: 20 });
  const late = await talk(proxy.port, 'hello');
  expect(late.ms).toBeGreaterThanOrEqual(129);
  remove();
  expect((await talk(proxy.port, 'hello')).text).toBe('hello');
});

test('bandwidth limits the bytes a second', async () => {
  const proxy = await echoed(
    { is: 'slicer', averageBytes: 1_000 },
    { is: 'bandwidth', bytesPerSecond: 20_000, stream: 'downstream' },
  );
  const seen = await talk(proxy.port, 'x'.repeat(5_000));
  expect(seen.text).toHaveLength(5_000);
  expect(seen.ms).toBeGreaterThanOrEqual(190);
});

test('slow_close delays the end', async () => {
  const proxy = await echoed({ is: 'slow_close', ms: 150 });
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  const since = performance.now();
  socket.end('bye');
  socket.resume();
  await once(socket, 'end');
  expect(performance.now() - since).toBeGreaterThanOrEqual(149);
});

test('timeout passes nothing and closes the connection at its time, or never', async () => {
  const closing = await echoed({ is: 'timeout', ms: 50 });
  expect(await talk(closing.port, 'hello')).toMatchObject({ text: '', ending: 'closed' });
  const hanging = await echoed({ is: 'timeout', ms: 0 });
  expect(await talk(hanging.port, 'hello', 200)).toMatchObject({ text: '', ending: 'open' });
});

test('reset_peer resets the connection', async () => {
  const proxy = await echoed({ is: 'reset_peer', stream: 'upstream' });
  expect(await talk(proxy.port, 'hello')).toMatchObject({ text: '', ending: 'reset' });
});

test('slicer passes all bytes in pieces', async () => {
  const proxy = await echoed({ is: 'slicer', averageBytes: 10, variation: 3, pauseMs: 2 });
  const seen = await talk(proxy.port, 'x'.repeat(100));
  expect(seen.text).toHaveLength(100);
  expect(seen.pieces).toBeGreaterThan(3);
});

test('limit_data passes this many bytes and then closes', async () => {
  const proxy = await echoed({ is: 'limit_data', bytes: 3 });
  expect(await talk(proxy.port, 'hello')).toMatchObject({ text: 'hel', ending: 'closed' });
});

test('down refuses connections and resets open ones; the proxy returns at the same port', async () => {
  const proxy = await echoed();
  const { port } = proxy;
  const talking = talk(port, '');
  await expect.poll(() => proxy.counts.open).toBe(1);
  const open = connect(port, '127.0.0.1');
  await once(open, 'connect');
  const ended = new Promise((resolve) => open.once('error', resolve));
  await proxy.down();
  await ended;
  await talking;
  expect((await talk(port, 'hello')).ending).toBe('refused');
  await proxy.up();
  expect(proxy.port).toBe(port);
  expect((await talk(port, 'hello')).text).toBe('hello');
});

test('toxicity affects its share of the connections', async () => {
  const proxy = await echoed({ is: 'reset_peer', toxicity: 0.3 });
  let reset = 0;
  for (let index = 0; index < 100; index++) if ((await talk(proxy.port, 'hi')).ending === 'reset') reset += 1;
  expect(reset).toBeGreaterThan(15);
  expect(reset).toBeLessThan(45);
});

test('cut resets this share of the connections and leaves the others open', async () => {
  const proxy = await echoed();
  const sockets = Array.from({ length: 40 }, () => connect(proxy.port, '127.0.0.1').on('error', () => {}));
  await expect.poll(() => proxy.counts.open).toBe(40);
  const cut = proxy.cut(0.5);
  expect(cut).toBeGreaterThan(8);
  expect(cut).toBeLessThan(32);
  await expect.poll(() => proxy.counts.open).toBe(40 - cut);
  for (const socket of sockets) socket.destroy();
});
