import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { collected, messagesOf } from '../../../test/support/grpc/grpc-messages.ts';
import { callOf, rawServer } from '../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../test/support/grpc/grpc-transport.ts';
import type { Call, GrpcMessage } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { frame } from './frame.ts';
import type { GrpcTransport, GrpcTransportOptions } from './transport.ts';

const GRPC = { ':status': 200, 'content-type': 'application/grpc' };
const MAX = 100_000;

const transport = (options: Partial<GrpcTransportOptions> = {}): GrpcTransport =>
  openTransport({ maxResponseBytes: MAX, ...options });

const answer =
  (encoding: string | null, pieces: readonly Uint8Array[]) =>
  (stream: ServerHttp2Stream): void => {
    stream.respond(encoding === null ? GRPC : { ...GRPC, 'grpc-encoding': encoding }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  };

/** A call with this request. Its decoded answer is the number of received bytes. */
const callTo = (endpoint: Endpoint, changes: Partial<GrpcMessage> = {}): Call => {
  const call = callOf(endpoint, 'reserve', {});
  if (call.message.protocol !== 'grpc') throw new Error('no gRPC');
  const decode = ({ byteLength }: Uint8Array) => byteLength;
  return { ...call, message: { ...call.message, decode, ...changes } };
};

const outcomeOf = async (
  serve: (stream: ServerHttp2Stream) => void,
  options: Partial<GrpcTransportOptions> = { compression: 'gzip' },
): Promise<unknown> => {
  await using server = await rawServer(serve);
  try {
    return (await transport(options).send(callTo(server.endpoint))).value;
  } catch (error) {
    return error;
  }
};

const plain = Buffer.alloc(50_000);

test('a compressed answer has its size after decompression too', async () => {
  const framed = frame(gzipSync(plain), true);
  await using server = await rawServer(answer('gzip', [framed]));
  const { size, plainSize } = await transport({ compression: 'gzip' }).send(callTo(server.endpoint));
  expect({ size, plainSize }).toEqual({ size: framed.length, plainSize: 50_000 });
});

test('answers may be gzip, deflate or uncompressed if compression was offered', async () => {
  expect(await outcomeOf(answer('gzip', [frame(gzipSync(plain), true)]))).toBe(50_000);
  expect(await outcomeOf(answer('deflate', [frame(deflateSync(plain), true)]))).toBe(50_000);
  expect(await outcomeOf(answer('gzip', [frame(plain)]))).toBe(50_000);
  expect(await outcomeOf(answer('identity', [frame(plain)]))).toBe(50_000);
  expect(await outcomeOf(answer('gzip', [frame(gzipSync(Buffer.alloc(MAX)), true)]))).toBe(MAX);
});

test.each<[string, (stream: ServerHttp2Stream) => void, string, RegExp]>([
  ['without an encoding', answer(null, [frame(gzipSync(plain), true)]), 'UPSTREAM_BAD_RESPONSE', /not offered/],
  ['as identity', answer('identity', [frame(gzipSync(plain), true)]), 'UPSTREAM_BAD_RESPONSE', /not offered/],
  ['as br', answer('br', [frame(gzipSync(plain), true)]), 'UPSTREAM_BAD_RESPONSE', /not offered/],
  ['that is garbage', answer('gzip', [frame(Buffer.from('garbage'), true)]), 'UPSTREAM_BAD_RESPONSE', /valid gzip/],
  [
    'that is truncated',
    answer('gzip', [frame(gzipSync(plain).subarray(0, 40), true)]),
    'UPSTREAM_BAD_RESPONSE',
    /valid gzip/,
  ],
  ['that is empty', answer('deflate', [frame(Buffer.alloc(0), true)]), 'UPSTREAM_BAD_RESPONSE', /valid deflate/],
  [
    'that decompresses to one byte too many',
    answer('gzip', [frame(gzipSync(Buffer.alloc(MAX + 1)), true)]),
    'UPSTREAM_RESPONSE_TOO_LARGE',
    /decompresses to more than 100000/,
  ],
])('a compressed message %s is rejected', async (_what, serve, code, reason) => {
  expect(await outcomeOf(serve)).toMatchObject({ code, reason: expect.stringMatching(reason) });
});

test('a decompression bomb is cut off at the limit without filling the memory', async () => {
  const bomb = gzipSync(Buffer.alloc(100_000_000));
  const before = process.memoryUsage().rss;
  const outcome = await outcomeOf(answer('gzip', [frame(bomb, true)]), {
    compression: 'gzip',
    maxResponseBytes: 1_000_000,
  });
  expect(outcome).toMatchObject({ code: 'UPSTREAM_RESPONSE_TOO_LARGE' });
  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
});

test('a compressed answer is rejected if compression was not offered', async () => {
  const outcome = await outcomeOf(answer('gzip', [frame(gzipSync(plain), true)]), {});
  expect(outcome).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE', reason: expect.stringContaining('not offered') });
});

test('requests are compressed from 1 KiB, and only with the compression option', async () => {
  const seen: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  await using server = await rawServer((stream, headers) => {
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.once('end', () => {
      seen.push({ headers, body: Buffer.concat(pieces) });
      answer(null, [frame(plain)])(stream);
    });
  });
  const large = Buffer.alloc(1_024, 'x');
  const small = large.subarray(1);
  const { send } = transport({ compression: 'gzip' });
  await send(callTo(server.endpoint, { request: large }));
  await send(callTo(server.endpoint, { request: small }));
  await transport().send(callTo(server.endpoint, { request: large }));
  const [first, second, third] = seen;
  expect(first?.headers).toMatchObject({ 'grpc-encoding': 'gzip', 'grpc-accept-encoding': 'gzip,deflate,identity' });
  expect([first?.body[0], first?.body.readUInt32BE(1)]).toEqual([1, (first?.body.length ?? 0) - 5]);
  expect(gunzipSync(first?.body.subarray(5) ?? '')).toEqual(large);
  expect(second).toEqual({ headers: expect.not.objectContaining({ 'grpc-encoding': 'gzip' }), body: frame(small) });
  expect(third?.headers['grpc-accept-encoding']).toBe('identity');
  expect(third?.body).toEqual(frame(large));
});

test('messages of a stream may be compressed individually', async () => {
  const pieces = [frame(gzipSync(plain), true), frame(plain), frame(gzipSync(Buffer.alloc(MAX + 1)), true)];
  await using server = await rawServer(answer('gzip', pieces));
  const { send } = transport({ compression: 'gzip' });
  const streamed = await send(callTo(server.endpoint, { streaming: true }));
  const reader = messagesOf(streamed);
  expect([await reader.next(), await reader.next()]).toMatchObject([{ value: 50_000 }, { value: 50_000 }]);
  await expect(reader.next()).rejects.toMatchObject({ code: 'UPSTREAM_RESPONSE_TOO_LARGE' });
  await streamed.ended;
  server.answerWith(answer('gzip', pieces.slice(0, 2)));
  expect(await collected(await send(callTo(server.endpoint, { streaming: true })))).toEqual([50_000, 50_000]);
});
