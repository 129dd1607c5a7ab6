import { channel } from 'node:diagnostics_channel';
import { EventEmitter, getEventListeners, once } from 'node:events';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { Duplex } from 'node:stream';
import type { sendUnaryData } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { callOf, INVENTORY_PROTO, inventoryServer, rawServer } from '../../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../../test/support/grpc/grpc-transport.ts';
import { protobufjsType } from '../../../../test/support/grpc/protobufjs.ts';
import { LeftOutError, NotProcessedError } from '../../errors.ts';
import { frame } from '../frame.ts';

const response = protobufjsType(INVENTORY_PROTO, 'inventory.v1.ReserveResponse');
const RESERVED = { reserved: true, reservationId: 'r1', available: 7 };
const serve = (stream: ServerHttp2Stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(frame(response.encode(RESERVED).finish()));
};

/** Collects `count` streams for the test to answer. */
const gathering = (count: number) => {
  const held: ServerHttp2Stream[] = [];
  const full = Promise.withResolvers<readonly ServerHttp2Stream[]>();
  const hold = (stream: ServerHttp2Stream) => {
    held.push(stream);
    if (held.length === count) full.resolve(held);
  };
  return { hold, full: full.promise };
};

const gone = async (session: ServerHttp2Session | undefined) => {
  if (session !== undefined && !session.destroyed) await once(session, 'close');
};

/** Returns the client's HTTP/2 session that `call` uses. */
const clientSession = async (call: () => Promise<unknown>): Promise<EventEmitter> => {
  const found: EventEmitter[] = [];
  const look = (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('stream' in message)) return;
    const { stream } = message;
    if (stream instanceof Duplex && 'session' in stream && stream.session instanceof EventEmitter)
      found.push(stream.session);
  };
  const streams = channel('http2.client.stream.created');
  streams.subscribe(look);
  await call();
  streams.unsubscribe(look);
  const [session] = found;
  if (session === undefined) throw new Error('no stream was created');
  return session;
};

const listeners = (emitter: EventEmitter | undefined) =>
  emitter?.eventNames().map((name) => [name, emitter.listenerCount(name)]);

test('concurrent and consecutive calls share one connection', async () => {
  await using server = await rawServer(serve);
  const { send } = openTransport();
  const call = callOf(server.endpoint, 'reserve', {});
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(call)));
    expect(answers.map(({ value }) => value)).toEqual(Array(50).fill(RESERVED));
  }
  expect(server.sessions).toHaveLength(1);
});

test('a server that allows one stream per connection answers 20 calls over at most 4 connections', async () => {
  let streams = 0;
  let most = 0;
  await using server = await rawServer(
    (stream) => {
      most = Math.max(most, ++streams);
      stream.once('close', () => (streams -= 1));
      setImmediate(() => serve(stream));
    },
    { settings: { maxConcurrentStreams: 1 } },
  );
  const { send } = openTransport();
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(callOf(server.endpoint, 'reserve', {}))));
  expect(answers.map(({ value }) => value)).toEqual(Array(20).fill(RESERVED));
  expect(server.sessions.length).toBeGreaterThan(1);
  expect(server.sessions.length).toBeLessThanOrEqual(4);
  expect(most).toBeLessThanOrEqual(4);
});

test('a call waiting for a stream ends at its abort, and the calls behind it go on', async () => {
  const { hold, full } = gathering(1);
  await using server = await rawServer(hold, { settings: { maxConcurrentStreams: 1 } });
  const { send } = openTransport({ limits: { connections: 1 } });
  const first = send(callOf(server.endpoint, 'reserve', {}));
  const [stream] = await full;
  const controller = new AbortController();
  const reason = new Error('the caller left');
  const second = send(callOf(server.endpoint, 'reserve', {}, { signal: controller.signal }));
  const third = send(callOf(server.endpoint, 'reserve', {}));
  controller.abort(reason);
  await expect(second).rejects.toBe(reason);
  server.answerWith(serve);
  if (stream !== undefined) serve(stream);
  expect((await Promise.all([first, third])).map(({ value }) => value)).toEqual([RESERVED, RESERVED]);
  expect(server.sessions).toHaveLength(1);
});

test('after a GOAWAY between calls the next call opens a new connection', async () => {
  await using server = await rawServer(serve);
  const { send } = openTransport();
  const call = callOf(server.endpoint, 'reserve', {});
  await send(call);
  const [session] = server.sessions;
  session?.close();
  await gone(session);
  // A call that crosses the GOAWAY may succeed or fail. It only has to end.
  while (server.sessions.length < 2) await send(call).catch(() => {});
  expect(await send(call)).toMatchObject({ value: RESERVED });
  expect(server.sessions).toHaveLength(2);
});

test('a call in flight at a GOAWAY ends on the old connection, while new calls use another', async () => {
  const { hold, full } = gathering(1);
  await using server = await rawServer(hold);
  const { send } = openTransport();
  const call = callOf(server.endpoint, 'reserve', {});
  const old = send(call);
  const [stream] = await full;
  server.answerWith(serve);
  server.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, stream?.id);
  // Calls that cross the GOAWAY are refused.
  while (server.sessions.length < 2) await send(call).catch(() => {});
  expect(server.sessions).toHaveLength(2);
  if (stream !== undefined) serve(stream);
  expect(await old).toMatchObject({ value: RESERVED });
});

test.each([
  ['NO_ERROR', constants.NGHTTP2_NO_ERROR],
  ['ENHANCE_YOUR_CALM', constants.NGHTTP2_ENHANCE_YOUR_CALM],
])('a GOAWAY with %s determines which calls in flight were never processed', async (_name, code) => {
  const { hold, full } = gathering(2);
  await using server = await rawServer(hold);
  const { send } = openTransport();
  const call = callOf(server.endpoint, 'reserve', {});
  const answers = Promise.allSettled([send(call), send(call)]);
  const [first] = await full;
  server.sessions[0]?.goaway(code, first?.id);
  if (code === constants.NGHTTP2_NO_ERROR && first !== undefined) serve(first);
  const [taken, leftOut] = await answers;
  expect(leftOut).toMatchObject({
    reason: { code: 'SERVICE_UNAVAILABLE', cause: expect.any(NotProcessedError), status: null },
  });
  // After an error Node's HTTP/2 client ends all streams. The result of the first call is unknown, but it was
  // processed.
  expect(taken).toMatchObject(
    code === constants.NGHTTP2_NO_ERROR
      ? { value: { value: RESERVED } }
      : { reason: { code: 'SERVICE_UNAVAILABLE', cause: { code: 'ERR_HTTP2_SESSION_ERROR' } } },
  );
});

test.each([
  ['has not answered yet and drops a call counts as refused', false],
  ['has answered before and drops a call is no failure of the endpoint', true],
])('a connection that %s', async (_what, hasAnswered) => {
  await using server = await rawServer(serve);
  const { send } = openTransport();
  const call = callOf(server.endpoint, 'reserve', {});
  if (hasAnswered) await send(call);
  const { hold, full } = gathering(2);
  server.answerWith(hold);
  const answers = Promise.allSettled([send(call), send(call)]);
  const [first] = await full;
  server.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, first?.id);
  if (first !== undefined) serve(first);
  const [, leftOut] = await answers;
  expect(leftOut).toMatchObject({ reason: { cause: expect.any(NotProcessedError) } });
  const isLeftOut = leftOut?.status === 'rejected' && leftOut.reason.cause instanceof LeftOutError;
  expect(isLeftOut).toBe(hasAnswered);
});

test('a refused stream was not processed, unless the server had begun to answer', async () => {
  await using server = await rawServer((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
  const { send } = openTransport();
  const call = callOf(server.endpoint, 'reserve', {});
  await expect(send(call)).rejects.toMatchObject({ cause: expect.any(NotProcessedError) });
  server.answerWith((stream) => {
    // The trailers never arrive. Without them the close would end the answer regularly.
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.write('a', () => setImmediate(() => stream.close(constants.NGHTTP2_REFUSED_STREAM)));
  });
  await expect(send(call)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: { status: 'UNAVAILABLE' } });
});

test('a restarted server is connected to again', async () => {
  const methods = { Reserve: (_call: unknown, reply: sendUnaryData<unknown>) => reply(null, { reserved: true }) };
  const before = await inventoryServer(methods);
  const { send } = openTransport();
  const call = callOf(before.endpoint, 'reserve', {});
  await send(call);
  await before.stop();
  await expect(send(call)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await using _after = await inventoryServer(methods, { port: before.port });
  expect(await send(call)).toMatchObject({ value: { reserved: true } });
});

test('a thousand calls leave no listener on the signal or the connection', async () => {
  await using server = await rawServer(serve);
  const { send } = openTransport();
  const { signal } = new AbortController();
  const call = callOf(server.endpoint, 'reserve', {}, { signal });
  const session = await clientSession(() => send(call));
  const before = listeners(session);
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 50 }, () => send(call)));
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  expect(before).not.toEqual([]);
  expect(listeners(session)).toEqual(before);
});
