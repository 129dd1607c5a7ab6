import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { addressOf, callOf, endpointAt, INVENTORY_PROTO, rawServer } from '../../../test/support/grpc/grpc-server.ts';
import { protobufjsType } from '../../../test/support/grpc/protobufjs.ts';
import { systemClock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import { frame } from './frame.ts';
import { grpcTransport } from './transport.ts';

const GRPC = { ':status': 200, 'content-type': 'application/grpc+proto' };
const RESERVED = { reserved: true, reservationId: 'r'.repeat(120), available: 7 };
const MESSAGE = frame(protobufjsType(INVENTORY_PROTO, 'inventory.v1.ReserveResponse').encode(RESERVED).finish());

/** Answers with these bytes, then with these trailers, if any. */
const answer =
  (pieces: readonly Uint8Array[], trailers: OutgoingHttpHeaders | null = { 'grpc-status': '0' }, head = GRPC) =>
  (stream: ServerHttp2Stream) => {
    stream.respond(head, { waitForTrailers: trailers !== null });
    if (trailers !== null) stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  };

const reset = (code: number) => (stream: ServerHttp2Stream) => stream.close(code);

const outcomeOf = async (serve: (stream: ServerHttp2Stream) => void, changes: Partial<Call> = {}) => {
  await using server = await rawServer(serve);
  const transport = grpcTransport({ clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 100_000 });
  const call = callOf(server.endpoint, 'reserve', {}, changes);
  const outcome = await transport.send(call).catch((thrown: unknown) => thrown);
  await transport.close();
  return outcome;
};

const FIRST = { ...GRPC, 'grpc-status': '0' };
const html = { ':status': 200, 'content-type': 'text/html' };
const prefix = (flag: number, length: number) => Buffer.from([flag, 0, 0, length >> 8, length & 255]);

test.each<[string, (stream: ServerHttp2Stream) => void, string, RegExp]>([
  ['HTML with status 200', answer([Buffer.from('<html>')], {}, html), 'UPSTREAM_BAD_RESPONSE', /not gRPC/],
  [
    'gRPC-Web',
    answer([MESSAGE], null, { ...GRPC, 'content-type': 'application/grpc-web' }),
    'UPSTREAM_BAD_RESPONSE',
    /not gRPC/,
  ],
  ['HTTP 503', answer([], null, { ...html, ':status': 503 }), 'SERVICE_UNAVAILABLE', /HTTP status 503/],
  ['HTTP 401', answer([], null, { ...html, ':status': 401 }), 'UNAUTHENTICATED', /HTTP status 401/],
  ['HTTP 403', answer([], null, { ...html, ':status': 403 }), 'FORBIDDEN', /HTTP status 403/],
  ['HTTP 404', answer([], null, { ...html, ':status': 404 }), 'UPSTREAM_ERROR', /UNIMPLEMENTED/],
  ['HTTP 400', answer([], null, { ...html, ':status': 400 }), 'UPSTREAM_ERROR', /INTERNAL: HTTP status 400/],
  ['HTTP 429', answer([], null, { ...html, ':status': 429 }), 'SERVICE_UNAVAILABLE', /UNAVAILABLE: HTTP status 429/],
  ['HTTP 503 of gRPC', answer([], {}, { ...GRPC, ':status': 503 }), 'SERVICE_UNAVAILABLE', /HTTP status 503/],
  ['HTTP 503 and a status', answer([], { 'grpc-status': '5' }, { ...GRPC, ':status': 503 }), 'NOT_FOUND', /NOT_FOUND/],
  ['flags', answer([prefix(2, 0)]), 'UPSTREAM_BAD_RESPONSE', /flags 2/],
  ['a status before the message', answer([MESSAGE], null, FIRST), 'UPSTREAM_BAD_RESPONSE', /no grpc-status/],
  ['HTTP 302', answer([], null, { ...html, ':status': 302 }), 'UPSTREAM_ERROR', /HTTP status 302/],
  ['a truncated message', answer([prefix(0, 50), Buffer.from('few')]), 'UPSTREAM_BAD_RESPONSE', /truncated/],
  ['a truncated prefix', answer([Buffer.from([0, 0])]), 'UPSTREAM_BAD_RESPONSE', /truncated/],
  ['garbage', answer([frame(Buffer.from('<<<garbage>>>'))]), 'UPSTREAM_BAD_RESPONSE', /does not decode/],
  ['two messages', answer([MESSAGE, MESSAGE]), 'UPSTREAM_BAD_RESPONSE', /more than one message/],
  ['two messages in one frame', answer([Buffer.concat([MESSAGE, MESSAGE])]), 'UPSTREAM_BAD_RESPONSE', /more than one/],
  ['OK without a message', answer([]), 'UPSTREAM_BAD_RESPONSE', /without a message/],
  ['a compressed message', answer([prefix(1, 0)]), 'UPSTREAM_BAD_RESPONSE', /compressed/],
  ['no trailers', answer([MESSAGE], null), 'UPSTREAM_BAD_RESPONSE', /no grpc-status/],
  [
    'trailers without a status',
    answer([MESSAGE], { 'x-any': '1' }),
    'UPSTREAM_BAD_RESPONSE',
    /trailers have no grpc-status/,
  ],
  ['nothing at all', answer([], null), 'UPSTREAM_BAD_RESPONSE', /no grpc-status/],
  ['status 17', answer([MESSAGE], { 'grpc-status': '17' }), 'UPSTREAM_ERROR', /UNKNOWN/],
  ['status -1', answer([MESSAGE], { 'grpc-status': '-1' }), 'UPSTREAM_ERROR', /UNKNOWN/],
  ['status OK as text', answer([MESSAGE], { 'grpc-status': 'OK' }), 'UPSTREAM_ERROR', /UNKNOWN/],
  ['an empty status', answer([MESSAGE], { 'grpc-status': '' }), 'UPSTREAM_ERROR', /UNKNOWN/],
  ['two statuses', answer([MESSAGE], { 'grpc-status': ['0', '5'] }), 'UPSTREAM_ERROR', /UNKNOWN/],
  ['a bad escape', answer([], { 'grpc-status': '5', 'grpc-message': '%E0%A4%A' }), 'NOT_FOUND', /%E0%A4%A/],
  ['REFUSED_STREAM', reset(constants.NGHTTP2_REFUSED_STREAM), 'SERVICE_UNAVAILABLE', /refused the stream/],
  [
    'no answer and no error',
    reset(constants.NGHTTP2_NO_ERROR),
    'UPSTREAM_BAD_RESPONSE',
    /without an answer|no grpc-status/,
  ],
])('%s is an error with the right code', async (_name, serve, code, reason) => {
  const error = await outcomeOf(serve);
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code: code, message: expect.stringMatching(reason) });
});

test.each([
  ['NO_ERROR', undefined, 'UPSTREAM_BAD_RESPONSE'],
  ['PROTOCOL_ERROR', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['INTERNAL_ERROR', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['FLOW_CONTROL_ERROR', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['SETTINGS_TIMEOUT', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['STREAM_CLOSED', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['FRAME_SIZE_ERROR', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['REFUSED_STREAM', undefined, 'SERVICE_UNAVAILABLE'],
  ['CANCEL', 'CANCELLED', 'UPSTREAM_ERROR'],
  ['COMPRESSION_ERROR', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['CONNECT_ERROR', 'INTERNAL', 'UPSTREAM_ERROR'],
  ['ENHANCE_YOUR_CALM', 'RESOURCE_EXHAUSTED', 'RATE_LIMITED'],
  ['INADEQUATE_SECURITY', 'PERMISSION_DENIED', 'FORBIDDEN'],
  ['HTTP_1_1_REQUIRED', 'INTERNAL', 'UPSTREAM_ERROR'],
] as const)('RST_STREAM with %s is %s', async (name, status, code) => {
  const error = await outcomeOf(reset(constants[`NGHTTP2_${name}`]));
  expect(error).toMatchObject({ code });
  if (status !== undefined) expect(error).toMatchObject({ cause: { status } });
});

test('a message may arrive in more than 100 DATA frames', async () => {
  let frames = 0;
  const write = (stream: ServerHttp2Stream, at: number): void => {
    if (at === MESSAGE.length) return void stream.end();
    stream.write(MESSAGE.subarray(at, at + 1), () => {
      frames += 1;
      write(stream, at + 1);
    });
  };
  const value = await outcomeOf((stream) => {
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    write(stream, 0);
  });
  expect(value).toMatchObject({ status: 0, value: RESERVED });
  expect(frames).toBeGreaterThan(100);
});

test('a Trailers-Only answer determines the error by its status', async () => {
  const error = await outcomeOf((stream) =>
    stream.respond({ ...GRPC, 'grpc-status': '5', 'grpc-message': 'no%20such%20shelf' }, { endStream: true }),
  );
  expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('NOT_FOUND: no such shelf') });
});

test('a stream that the server cancels at the deadline is TIMEOUT', async () => {
  const deadline = performance.now() + 200;
  const error = await outcomeOf(
    (stream) => systemClock.after(deadline + 20 - performance.now(), () => stream.close(constants.NGHTTP2_CANCEL)),
    { deadline },
  );
  expect(error).toMatchObject({ code: 'TIMEOUT' });
});

test('a message is complete however its bytes are split', async () => {
  const pieces = Array.from(MESSAGE, (byte) => Buffer.from([byte]));
  const value = await outcomeOf(answer(pieces));
  expect(value).toMatchObject({ status: 0, size: MESSAGE.length, value: RESERVED });
});

test('a length above the limit cancels the stream before the message arrives', async () => {
  const closed = Promise.withResolvers<number | undefined>();
  const error = await outcomeOf((stream) => {
    stream.respond(GRPC);
    stream.write(prefix(0, 1_001));
    stream.once('close', () => closed.resolve(stream.rstCode));
  });
  expect(error).toMatchObject({ code: 'UPSTREAM_RESPONSE_TOO_LARGE' });
  expect(await closed.promise).toBe(constants.NGHTTP2_CANCEL);
});

test('a rejected answer is cancelled before its end', async () => {
  const closed = Promise.withResolvers<number | undefined>();
  const error = await outcomeOf((stream) => {
    stream.respond(html);
    stream.write('<html>');
    stream.once('close', () => closed.resolve(stream.rstCode));
  });
  expect(error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
  expect(await closed.promise).toBe(constants.NGHTTP2_CANCEL);
});

test('a connection lost before the answer is SERVICE_UNAVAILABLE, and within it UPSTREAM_ERROR', async () => {
  const before = await outcomeOf((stream) => stream.session?.socket.destroy());
  expect(before).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  const after = await outcomeOf((stream) => {
    const { session } = stream;
    stream.respond(GRPC);
    stream.write(prefix(0, 50), () => setImmediate(() => session?.socket.destroy()));
  });
  expect(after).toMatchObject({ code: 'UPSTREAM_ERROR' });
});

test('more headers than Node accepts are an UpstreamError', async () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, 'v']));
  const error = await outcomeOf(answer([MESSAGE], { 'grpc-status': '0', ...many }));
  expect(error).toBeInstanceOf(UpstreamError);
});

test('a server that refuses connections, stays silent or speaks another protocol is SERVICE_UNAVAILABLE', async () => {
  const servers = [
    createServer(),
    createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad\r\n\r\n')),
  ];
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push(addressOf(server.address()).port);
  }
  const refusing = createServer();
  await once(refusing.listen(0, '127.0.0.1'), 'listening');
  ports.push(addressOf(refusing.address()).port);
  refusing.close();
  await once(refusing, 'close');
  const transport = grpcTransport({ clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 200 });
  for (const port of ports)
    await expect(transport.send(callOf(endpointAt(port), 'reserve', {}))).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      cause: expect.any(Error),
    });
  await transport.close();
  for (const server of servers) server.close();
});

test('an answer that arrives before the end of the request settles the call immediately', async () => {
  const { message } = callOf(endpointAt(1), 'reserve', { productId: 'x'.repeat(3_000_000) });
  const error = await outcomeOf(
    (stream) => {
      stream.pause();
      stream.respond({ ...GRPC, 'grpc-status': '8' }, { endStream: true });
    },
    { message },
  );
  expect(error).toMatchObject({ code: 'RATE_LIMITED' });
});

test('an answer within the size limit that would decode to a gigabyte is too large', async () => {
  const empty = Buffer.from([0x0a, 0]);
  const message = Buffer.alloc(4_000_000, empty);
  await using server = await rawServer(answer([frame(message)]));
  const transport = grpcTransport({ clock: systemClock, maxResponseBytes: 4_194_304, connectTimeoutMs: 100_000 });
  const outcome = transport.send(callOf(server.endpoint, 'batchGetStock', {}));
  await expect(outcome).rejects.toMatchObject({
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
    message: expect.stringContaining('more than 64 MiB'),
  });
  await transport.close();
});
