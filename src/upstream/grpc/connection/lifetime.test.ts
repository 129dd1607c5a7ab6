import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { callOf, endpointAt, INVENTORY_PROTO, rawServer } from '../../../../test/support/grpc/grpc-server.ts';
import { tunnel } from '../../../../test/support/grpc/grpc-tunnel.ts';
import { protobufjsType } from '../../../../test/support/grpc/protobufjs.ts';
import { systemClock } from '../../../core/clock.ts';
import { frame } from '../frame.ts';
import type { GrpcTransportOptions } from '../transport.ts';
import { grpcTransport } from '../transport.ts';

const response = protobufjsType(INVENTORY_PROTO, 'inventory.v1.ReserveResponse');
const MESSAGE = frame(response.encode({ reserved: true }).finish());

const serve: Parameters<typeof rawServer>[0] = (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(MESSAGE);
};

const transport = (options: Partial<GrpcTransportOptions> = {}) =>
  grpcTransport({ clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 100_000, ...options });

test('a server that answers neither a call nor a PING is disconnected, and the next call connects again', async () => {
  const arrived = Promise.withResolvers<void>();
  await using server = await rawServer(() => arrived.resolve());
  await using way = await tunnel(server.port);
  const clock = manualClock();
  const { send, close } = transport({ clock, pingIntervalMs: 10_000, pingTimeoutMs: 5_000 });
  const answer = send(callOf(endpointAt(way.port), 'reserve', {}, { deadline: 60_000 }));
  await arrived.promise;
  way.swallow();
  server.answerWith(serve);
  const lost = expect(answer).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  clock.advance(10_000);
  clock.advance(5_000);
  await lost;
  expect(await send(callOf(endpointAt(way.port), 'reserve', {}, { deadline: 60_000 }))).toMatchObject({ status: 0 });
  await close();
});

test('a slow server that answers PING keeps its connection', async () => {
  const arrived = Promise.withResolvers<Parameters<typeof serve>>();
  await using server = await rawServer((...stream) => arrived.resolve(stream));
  const clock = manualClock();
  const { send, close } = transport({ clock, pingIntervalMs: 10_000, pingTimeoutMs: 5_000 });
  const answer = send(callOf(server.endpoint, 'reserve', {}, { deadline: 60_000 }));
  const held = await arrived.promise;
  const [session] = server.sessions;
  if (session === undefined) throw new Error('no connection');
  const pinged = once(session, 'ping');
  clock.advance(10_000);
  await pinged;
  // The server's next frames arrive after its answer to the PING.
  server.answerWith(serve);
  await send(callOf(server.endpoint, 'reserve', {}, { deadline: 60_000 }));
  clock.advance(5_000);
  serve(...held);
  expect(await answer).toMatchObject({ status: 0 });
  expect(server.sessions).toHaveLength(1);
  await close();
});

test('a connection without calls is closed after idleMs', async () => {
  await using server = await rawServer(serve);
  const clock = manualClock();
  const { send, close } = transport({ clock, pingIntervalMs: 10_000, idleMs: 30_000 });
  const call = callOf(server.endpoint, 'reserve', {}, { deadline: 600_000 });
  await send(call);
  const [session] = server.sessions;
  if (session === undefined) throw new Error('no connection');
  const closed = once(session, 'close');
  for (let tick = 0; tick < 5; tick += 1) clock.advance(10_000);
  await closed;
  await send(call);
  expect(server.sessions).toHaveLength(2);
  await close();
});

test('closing waits for the calls in flight and rejects new ones', async () => {
  const arrived = Promise.withResolvers<Parameters<typeof serve>>();
  await using server = await rawServer((...stream) => arrived.resolve(stream));
  const { send, close } = transport();
  const call = callOf(server.endpoint, 'reserve', {});
  const answer = send(call);
  const held = await arrived.promise;
  const closed = close();
  await expect(send(call)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  serve(...held);
  expect(await answer).toMatchObject({ status: 0 });
  await closed;
  await close();
});

test('a transport closed during its connect closes', async () => {
  await using server = await rawServer(serve);
  const controllers = Array.from({ length: 20 }, () => new AbortController());
  for (const controller of controllers) {
    const { send, close } = transport();
    const call = callOf(server.endpoint, 'reserve', {}, { signal: controller.signal });
    const ended = expect(send(call)).rejects.toThrow();
    controller.abort(new Error('left'));
    await Promise.all([close(), ended]);
  }
});

test('closing ends after closeTimeoutMs', async () => {
  const arrived = Promise.withResolvers<void>();
  await using server = await rawServer(() => arrived.resolve());
  const { send, close } = transport({ closeTimeoutMs: 50 });
  const failed = expect(send(callOf(server.endpoint, 'reserve', {}))).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
  });
  await arrived.promise;
  await close();
  await failed;
});

test('an idle connection does not keep the process alive', async () => {
  await using server = await rawServer(serve);
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { callOf, endpointAt } from ${module('../../../../test/support/grpc/grpc-server.ts')};
    import { systemClock } from ${module('../../../core/clock.ts')};
    import { grpcTransport } from ${module('../transport.ts')};
    const { send } = grpcTransport({ clock: systemClock, maxResponseBytes: 1000, connectTimeoutMs: 100_000 });
    const answer = await send(callOf(endpointAt(${server.port}), 'reserve', {}));
    console.log(answer.status);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 60_000,
  });
  expect(stdout.trim()).toBe('0');
});
