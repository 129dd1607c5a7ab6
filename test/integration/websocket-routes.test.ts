import { once } from 'node:events';
import { signedIn } from 'tributary/testing';
import { afterEach, expect, test } from 'vitest';
import { trusting } from '../support/auth/authenticators.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { type RoutedGateway, type RoutedOptions, routedGateway } from '../support/gateway/routed-gateway.ts';
import { closeOf, type EchoBackend, echoBackend, frame, openWebSocket } from '../support/http/websocket.ts';
import { filesModule } from '../support/modules/files-module.ts';
import { portOf } from '../support/processes/ports.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const start = async (
  options: RoutedOptions = {},
  headers?: Parameters<typeof echoBackend>[0],
): Promise<{ gateway: RoutedGateway; backend: EchoBackend }> => {
  const backend = await echoBackend(headers);
  open.push(backend);
  const gateway = await routedGateway([filesModule], () => {}, { urls: [backend.url], ...options });
  open.push(gateway);
  return { gateway, backend };
};

test('10,000 messages are echoed in order, with their sizes, through a WebSocket route', async () => {
  const { gateway, backend } = await start();
  const client = await openWebSocket(gateway.port, '/live?room=1');
  expect([client.head.split('\r\n')[0], backend.handshakes[0]?.url]).toEqual([
    'HTTP/1.1 101 Switching Protocols',
    '/feed?room=1',
  ]);
  const messages = Array.from({ length: 10_000 }, (_, n) => Buffer.from(`${n} ${'x'.repeat(n % 300)}`));
  client.socket.write(Buffer.concat(messages.map((message) => frame(message))));
  const frames = await client.frames(messages.length);
  expect(frames.map(({ payload }) => String(payload))).toEqual(messages.map(String));
  client.socket.write(frame(Buffer.from([0x03, 0xe8]), { opcode: 8 }));
  expect(closeOf(await client.ended())).toEqual({ code: 1000, reason: '' });
  await expect.poll(() => gateway.access.at(-1)).toMatchObject({ status: 101, path: '/live', upstream: { calls: 1 } });
});

test('Node’s own WebSocket client works, with a subprotocol', async () => {
  const { gateway } = await start({}, () => ['sec-websocket-protocol: chat']);
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/live`, ['other', 'chat']);
  await once(socket, 'open');
  socket.send('hello');
  const [message] = await once(socket, 'message');
  expect([message.data, socket.protocol]).toEqual(['hello', 'chat']);
  socket.close(1000);
  const [closed] = await once(socket, 'close');
  expect(closed).toMatchObject({ code: 1000, wasClean: true });
});

test('a killed backend closes the client with 1014', async () => {
  const { gateway, backend } = await start();
  const client = await openWebSocket(gateway.port, '/live');
  client.socket.write(frame('a'));
  await client.frames(1);
  for (const socket of backend.sockets) socket.resetAndDestroy();
  expect(closeOf(await client.ended())).toEqual({ code: 1014, reason: 'the service is gone' });
});

test('a backend killed within a frame cuts the client, without a frame of the gateway in its message', async () => {
  const { gateway, backend } = await start();
  const client = await openWebSocket(gateway.port, '/live');
  for (const socket of backend.sockets) {
    socket.write(frame('x'.repeat(1_000), { isMasked: false }).subarray(0, 500));
    await once(client.socket, 'data');
    socket.resetAndDestroy();
  }
  expect(await client.ended()).toEqual([]);
});

test('a client that disconnects closes the backend with 1001', async () => {
  const { gateway, backend } = await start();
  const client = await openWebSocket(gateway.port, '/live');
  const [socket] = backend.sockets;
  const chunks: Buffer[] = [];
  socket?.on('data', (chunk: Buffer) => chunks.push(chunk));
  client.socket.resetAndDestroy();
  if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
  expect(Buffer.concat(chunks).subarray(6, 8).readUInt16BE(0)).toBe(1001);
});

test.each([
  ['a message above the limit', frame(Buffer.alloc(200_001)), 1009],
  [
    'fragments above the limit',
    Buffer.concat([frame(Buffer.alloc(150_000), { isFinal: false }), frame(Buffer.alloc(60_000), { opcode: 0 })]),
    1009,
  ],
  ['an unmasked frame', frame('a', { isMasked: false }), 1002],
  ['a reserved opcode', frame('a', { opcode: 3 }), 1002],
  ['a continuation without a message', frame('a', { opcode: 0 }), 1002],
  ['a ping in two parts', frame('a', { opcode: 9, isFinal: false }), 1002],
])('%s of a client closes both sides', async (_what, bytes, code) => {
  const { gateway, backend } = await start();
  const client = await openWebSocket(gateway.port, '/live');
  client.socket.write(bytes);
  expect(closeOf(await client.ended())?.code).toBe(code);
  await expect.poll(() => backend.sockets.size).toBe(0);
});

test('a WebSocket ends after its idle time, its duration and its token', async () => {
  const clock = manualClock();
  const { gateway } = await start({ clock });
  const idle = await openWebSocket(gateway.port, '/live');
  clock.advance(60_000);
  expect(closeOf(await idle.ended())).toEqual({ code: 1001, reason: 'nothing was sent for too long' });
  const busy = await openWebSocket(gateway.port, '/live');
  for (let n = 0; n < 72; n += 1) {
    clock.advance(50_000);
    if (busy.socket.destroyed) break;
    busy.socket.write(frame('a'));
    await busy.frames(n + 1);
  }
  expect(closeOf(await busy.ended())).toEqual({ code: 1001, reason: 'the maximum duration is over' });
});

test('a WebSocket of a user ends with 1008 when the token expires', async () => {
  const clock = manualClock();
  const exp = Math.floor(Date.now() / 1_000) + 100;
  const authenticator = trusting(() => signedIn({ subject: 'eve', claims: { exp } }));
  const { gateway } = await start({ clock, listener: { authenticator } });
  const client = await openWebSocket(gateway.port, '/live/secured', ['authorization: Bearer eve']);
  clock.advance(59_000);
  client.socket.write(frame('a'));
  await client.frames(1);
  clock.advance(42_000);
  expect(closeOf(await client.ended())).toEqual({ code: 1008, reason: 'the token has expired' });
});

test('WebSockets end with 1001 when the gateway restarts', async () => {
  const { gateway } = await start();
  const clients = await Promise.all(Array.from({ length: 5 }, () => openWebSocket(gateway.port, '/live')));
  const closing = gateway.app.close();
  for (const client of clients)
    expect(closeOf(await client.ended())).toEqual({ code: 1001, reason: 'the gateway restarts' });
  await closing;
});

test('the number of WebSockets is bounded for each client and in all, and their places are free again', async () => {
  const { gateway, backend } = await start({ config: { webSockets: { all: 3, perClient: 2 } } });
  const opened = async (...headers: string[]) => openWebSocket(gateway.port, '/live', headers);
  const statusOf = async (...headers: string[]) => (await opened(...headers)).head.split(' ')[1];
  const first = await opened();
  await opened();
  expect(await statusOf()).toBe('429');
  const ann = 'authorization: Bearer ann';
  expect([await statusOf(ann), await statusOf(ann)]).toEqual(['101', '503']);
  expect(backend.handshakes.length).toBe(3);
  first.socket.destroy();
  await expect.poll(() => statusOf(ann)).toBe('101');
});

test.each<[string, string, readonly string[], number]>([
  ['an anonymous caller of a route with authenticated', '/live/secured', [], 401],
  ['a page of another origin', '/live', ['origin: https://evil.example'], 403],
  ['an opaque origin', '/live', ['origin: null'], 403],
  ['another version', '/live', ['sec-websocket-version: 8'], 400],
  ['a body', '/live', ['content-length: 3'], 400],
  ['a path without a route', '/feed', [], 404],
  ['a route that is none of WebSockets', '/small', [], 405],
])('the handshake of %s is refused, without a call', async (_what, path, headers, status) => {
  const { gateway, backend } = await start();
  const client = await openWebSocket(gateway.port, path, headers);
  expect([client.head.split(' ')[1], backend.handshakes]).toEqual([String(status), []]);
  client.socket.destroy();
});

test('a page of the same host may connect', async () => {
  const { gateway } = await start();
  expect((await openWebSocket(gateway.port, '/live', ['origin: http://gateway.test'])).head).toMatch(/^HTTP\/1.1 101 /);
});

test('a backend that refuses the upgrade is answered as an error, and nothing is tunnelled', async () => {
  const { gateway, backend } = await start();
  backend.server.removeAllListeners('upgrade');
  const client = await openWebSocket(gateway.port, '/live');
  expect(client.head).toMatch(/^HTTP\/1.1 404 /);
  await client.ended();
});

test.each([
  ['another accept key', (): string[] => ['sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=']],
  ['a protocol that was not offered', (): string[] => ['sec-websocket-protocol: chat']],
  ['an extension that was not offered', (): string[] => ['sec-websocket-extensions: permessage-deflate']],
])('a backend that answers with %s is refused', async (_what, headers) => {
  const { gateway } = await start({}, headers);
  const client = await openWebSocket(gateway.port, '/live');
  expect(client.head).toMatch(/^HTTP\/1.1 502 /);
  await client.ended();
});

test('another upgrade stays a request, and a WebSocket route refuses a plain one', async () => {
  const { gateway } = await start();
  const response = await fetch(`${gateway.origin}/live`);
  expect(response.status).toBe(400);
  expect(portOf(gateway.app.server)).toBe(gateway.port);
});
