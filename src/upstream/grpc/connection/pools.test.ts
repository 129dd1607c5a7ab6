import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { createSecureServer } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { selfSigned } from '../../../../test/support/certificates/local-certificate.ts';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { addressOf, callOf, INVENTORY_PROTO, rawServer } from '../../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../../test/support/grpc/grpc-transport.ts';
import { protobufjsType } from '../../../../test/support/grpc/protobufjs.ts';
import { LONG_WAIT } from '../../../../test/support/processes/long-wait.ts';
import { trusting } from '../../../../test/support/upstream/upstream-tls.ts';
import { systemClock } from '../../../core/clock.ts';
import { endpointAt } from '../../endpoints/endpoint.ts';
import { defaultTls } from '../../tls/upstream-tls.ts';
import { frame } from '../frame.ts';
import type { GrpcTransport, GrpcTransportOptions } from '../transport.ts';
import { ConnectionPools } from './pools.ts';

const transport = (options: Partial<GrpcTransportOptions> = {}): GrpcTransport =>
  openTransport({ maxResponseBytes: 10_000, ...options });

const response = protobufjsType(INVENTORY_PROTO, 'inventory.v1.ReserveResponse');
const MESSAGE = frame(response.encode({ reserved: true }).finish());
const serve = (stream: ServerHttp2Stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(MESSAGE);
};

/** Collects streams until the test answers them. */
const holding = () => {
  const held: ServerHttp2Stream[] = [];
  return { held, hold: (stream: ServerHttp2Stream) => void held.push(stream) };
};

test('an endpoint with an ip is connected to by that address and keeps its authority', async () => {
  const authorities: unknown[] = [];
  await using server = await rawServer((stream, headers) => {
    authorities.push(headers[':authority']);
    serve(stream);
  });
  const url = `grpc://pricing.invalid:${server.port}`;
  const { send } = transport();
  await send(callOf(endpointAt(url, { ip: '127.0.0.1' }), 'reserve', {}));
  await send(callOf(endpointAt(url, { ip: '127.0.0.1' }), 'reserve', {}));
  await send(callOf(endpointAt(`grpc://other.invalid:${server.port}`, { ip: '127.0.0.1' }), 'reserve', {}));
  const [name, , other] = authorities;
  expect([name, other]).toEqual([`pricing.invalid:${server.port}`, `other.invalid:${server.port}`]);
  expect(server.sessions).toHaveLength(2);
  await expect(send(callOf(endpointAt(url), 'reserve', {}))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

test('over TLS, SNI and certificate check use the name, not the address', async () => {
  const { key, cert } = selfSigned();
  const names: unknown[] = [];
  const server = createSecureServer({ key, cert });
  server.on('secureConnection', ({ servername }: TLSSocket) => names.push(servername));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    names.push(headers[':authority']);
    serve(stream);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = addressOf(server.address());
  const { send } = transport({ tls: trusting(cert) });
  await send(callOf(endpointAt(`grpcs://localhost:${port}`, { ip: '127.0.0.1' }), 'reserve', {}));
  expect(names).toEqual(['localhost', `localhost:${port}`]);
  const other = endpointAt(`grpcs://other.invalid:${port}`, { ip: '127.0.0.1' });
  await expect(send(callOf(other, 'reserve', {}))).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    cause: { cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } },
  });
  server.close();
});

test('a connection is replaced after its number of calls, and none of them is cut off', async () => {
  const { held, hold } = holding();
  await using server = await rawServer(hold);
  const { send } = transport({ limits: { callsPerConnection: 3 } });
  const answers = Array.from({ length: 7 }, () => send(callOf(server.endpoint, 'reserve', {})));
  await vi.waitUntil(() => held.length === 7, LONG_WAIT);
  const perSession = server.sessions.map((session) => held.filter((stream) => stream.session === session).length);
  expect(perSession).toEqual([3, 3, 1]);
  const [first, second] = server.sessions;
  for (const stream of held) serve(stream);
  expect(await Promise.all(answers)).toHaveLength(7);
  await vi.waitUntil(() => first?.closed === true && second?.closed === true, LONG_WAIT);
  for (let call = 0; call < 5; call += 1) {
    const answer = send(callOf(server.endpoint, 'reserve', {}));
    await vi.waitUntil(() => held.length === 8 + call, LONG_WAIT);
    serve(held[7 + call] ?? expect.unreachable());
    await answer;
  }
  expect(server.sessions).toHaveLength(4);
});

test('a connection is replaced at its maximum age, and its calls in flight end on it', async () => {
  const { held, hold } = holding();
  await using server = await rawServer(serve);
  const clock = manualClock();
  const { send } = transport({ clock, limits: { connectionAgeMs: 1_000 }, random: () => 1, pingIntervalMs: 1e6 });
  const call = callOf(server.endpoint, 'reserve', {}, { deadline: 1e9 });
  await send(call);
  clock.advance(1_099);
  server.answerWith(hold);
  const old = send(call);
  await vi.waitUntil(() => held.length === 1, LONG_WAIT);
  expect(server.sessions).toHaveLength(1);
  clock.advance(1);
  server.answerWith(serve);
  await send(call);
  expect(server.sessions).toHaveLength(2);
  serve(held[0] ?? expect.unreachable());
  expect(await old).toMatchObject({ status: 0 });
  await vi.waitUntil(() => server.sessions[0]?.closed === true, LONG_WAIT);
});

test('release ends the calls of an endpoint, waiting ones included, and closes its connections', async () => {
  const { held, hold } = holding();
  await using server = await rawServer(hold, { settings: { maxConcurrentStreams: 1 } });
  const { send, release } = transport({ limits: { connections: 1 } });
  const call = callOf(server.endpoint, 'reserve', {});
  const answers = [send(call), send(call), send(call)];
  await vi.waitUntil(() => held.length === 1, LONG_WAIT);
  let released = false;
  const gone = release(server.endpoint).then(() => {
    released = true;
  });
  for (let index = 0; index < 3; index += 1) {
    await vi.waitUntil(() => held.length === index + 1, LONG_WAIT);
    expect(released).toBe(false);
    serve(held[index] ?? expect.unreachable());
  }
  expect(await Promise.all(answers)).toHaveLength(3);
  await gone;
  expect(server.sessions).toHaveLength(1);
  server.answerWith(serve);
  // A later call is served over a new connection.
  expect(await send(call)).toMatchObject({ status: 0 });
  expect(server.sessions).toHaveLength(2);
  await release(server.endpoint);
  await release(server.endpoint);
});

test('closing does not wait longer for a released endpoint', async () => {
  const { held, hold } = holding();
  await using server = await rawServer(hold);
  const { send, release, close } = transport({ closeTimeoutMs: 50 });
  const answer = send(callOf(server.endpoint, 'reserve', {}));
  const lost = expect(answer).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await vi.waitUntil(() => held.length === 1, LONG_WAIT);
  const gone = release(server.endpoint);
  await close();
  await Promise.all([gone, lost]);
});

test('endpoints without a connection are dropped', async () => {
  const options = {
    clock: systemClock,
    connectTimeoutMs: 100_000,
    maxSessions: 4,
    callsPerConnection: 1,
    connectionAgeMs: Number.POSITIVE_INFINITY,
    random: Math.random,
    pingIntervalMs: 10_000,
    pingTimeoutMs: 5_000,
    idleMs: 300_000,
    closeTimeoutMs: 5_000,
    tls: defaultTls(systemClock),
  };
  await using server = await rawServer(serve);
  const pools = new ConnectionPools(options);
  const { signal } = new AbortController();
  for (let round = 0; round < 50; round += 1) {
    const refused = endpointAt('grpc://127.0.0.1:1', { ip: `127.0.0.${round + 2}` });
    await expect(pools.at(refused).wait(signal)).rejects.toThrow();
    const named = endpointAt(`grpc://n${round}.invalid:${server.port}`, { ip: '127.0.0.1' });
    (await pools.at(named).wait(signal)).release();
    const left = new AbortController();
    const waiting = pools
      .at(endpointAt(`grpc://l${round}.invalid:${server.port}`, { ip: '127.0.0.1' }))
      .wait(left.signal);
    left.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
  }
  for (let round = 0; round < 50; round += 1)
    void pools.release(endpointAt(`grpc://l${round}.invalid:${server.port}`, { ip: '127.0.0.1' }));
  await vi.waitUntil(() => pools.size === 0, LONG_WAIT);
});
