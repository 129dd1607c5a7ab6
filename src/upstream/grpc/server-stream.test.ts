import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { expect, test, vi } from 'vitest';
import { collected, messagesOf } from '../../../test/support/grpc/grpc-messages.ts';
import { callOf, rawServer } from '../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../test/support/grpc/grpc-transport.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { frame } from './frame.ts';
import type { GrpcTransport, GrpcTransportOptions } from './transport.ts';

const GRPC = { ':status': 200, 'content-type': 'application/grpc' };

const transport = (options: Partial<GrpcTransportOptions> = {}): GrpcTransport =>
  openTransport({ maxResponseBytes: 1_048_576, ...options });

/** A call with messages that decode to text. */
const streamOf = (endpoint: Endpoint, changes: Partial<Call> = {}): Call => {
  const call = callOf(endpoint, 'reserve', {}, changes);
  if (call.message.protocol !== 'grpc') throw new Error('no gRPC');
  const decode = (bytes: Uint8Array) => {
    if (bytes[0] === 33) throw new Error('!');
    return Buffer.from(bytes).toString();
  };
  return { ...call, message: { ...call.message, streaming: true, decode } };
};

const text = (words: string) => frame(Buffer.from(words));

/** Answers with these messages, then with these trailers; without trailers, the stream stays open. */
const answer =
  (messages: readonly Uint8Array[], trailers: OutgoingHttpHeaders | null = { 'grpc-status': '0' }) =>
  (stream: ServerHttp2Stream) => {
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
    for (const message of messages) stream.write(message);
    if (trailers !== null) stream.end();
  };

const failureOf = async (failing: Promise<unknown>): Promise<UpstreamError> => {
  const error = await failing.catch((thrown: unknown) => thrown);
  if (error instanceof UpstreamError) return error;
  throw new Error('not an UpstreamError', { cause: error });
};

test('messages arrive in order however their bytes are split', async () => {
  const words = ['one', '', 'three', 'x'.repeat(40_000)];
  const bytes = Buffer.concat(words.map(text));
  const pieces = [bytes.subarray(0, 3), bytes.subarray(3, 9), bytes.subarray(9, 9_000), bytes.subarray(9_000)];
  await using server = await rawServer(answer(pieces));
  const streamed = await transport().send(streamOf(server.endpoint));
  expect(streamed).toMatchObject({ status: 0, size: 0, headers: { 'content-type': 'application/grpc' } });
  expect(await collected(streamed)).toEqual(words);
  await streamed.ended;
});

test('an answer resolves with its headers, before the first message', async () => {
  const streams = Promise.withResolvers<ServerHttp2Stream>();
  await using server = await rawServer((stream) => {
    stream.respond(GRPC);
    streams.resolve(stream);
  });
  const messages = messagesOf(await transport().send(streamOf(server.endpoint)));
  const first = messages.next();
  (await streams.promise).write(text('now'));
  expect(await first).toEqual({ done: false, value: 'now' });
});

test('OK without a message is an empty stream; another status rejects the call', async () => {
  await using server = await rawServer((stream) =>
    stream.respond({ ...GRPC, 'grpc-status': '0' }, { endStream: true }),
  );
  const { send } = transport();
  const empty = await send(streamOf(server.endpoint));
  expect(await collected(empty)).toEqual([]);
  await empty.ended;
  server.answerWith((stream) => stream.respond({ ...GRPC, 'grpc-status': '5' }, { endStream: true }));
  expect(await failureOf(send(streamOf(server.endpoint)))).toMatchObject({ code: 'NOT_FOUND', status: 5 });
  server.answerWith((stream) => stream.respond({ ':status': 503, 'content-type': 'text/html' }));
  expect(await failureOf(send(streamOf(server.endpoint)))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  server.answerWith((stream) => {
    stream.respond({ ...GRPC, ':status': 429 });
    stream.write('an error page, and more of it');
  });
  expect(await failureOf(send(streamOf(server.endpoint)))).toMatchObject({ reason: 'UNAVAILABLE: HTTP status 429' });
  server.answerWith((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
  expect(await failureOf(send(streamOf(server.endpoint)))).toMatchObject({ cause: { name: 'NotProcessedError' } });
});

test.each<[string, readonly Uint8Array[], OutgoingHttpHeaders, string]>([
  ['a status', [text('a'), text('b')], { 'grpc-status': '8' }, 'RATE_LIMITED'],
  ['trailers without a status', [text('a'), text('b')], {}, 'UPSTREAM_BAD_RESPONSE'],
  ['a cut', [text('a'), text('b'), text('cut').subarray(0, 6)], { 'grpc-status': '0' }, 'UPSTREAM_BAD_RESPONSE'],
  ['too much', [text('a'), text('b'), text('x'.repeat(1_001))], { 'grpc-status': '0' }, 'UPSTREAM_RESPONSE_TOO_LARGE'],
  ['flags', [text('a'), text('b'), Buffer.from([2, 0, 0, 0, 0])], { 'grpc-status': '0' }, 'UPSTREAM_BAD_RESPONSE'],
  ['no message', [text('a'), text('b'), text('!')], { 'grpc-status': '0' }, 'UPSTREAM_BAD_RESPONSE'],
])('%s after messages is thrown after they were yielded', async (_what, messages, trailers, code) => {
  await using server = await rawServer(answer(messages, trailers));
  const streamed = await transport({ maxResponseBytes: 1_000 }).send(streamOf(server.endpoint));
  const reader = messagesOf(streamed);
  expect([await reader.next(), await reader.next()]).toMatchObject([{ value: 'a' }, { value: 'b' }]);
  expect(await failureOf(reader.next())).toMatchObject({ code });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  await streamed.ended;
});

test('a reset stream and a lost connection are thrown by the iterator', async () => {
  const streams: ServerHttp2Stream[] = [];
  await using server = await rawServer((stream) => {
    streams.push(stream);
    answer([text('a')], null)(stream);
  });
  const { send } = transport();
  const reset = await send(streamOf(server.endpoint));
  streams.pop()?.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  expect(await failureOf(collected(reset))).toMatchObject({ code: 'RATE_LIMITED', status: 8 });
  const lost = await send(streamOf(server.endpoint));
  streams.pop()?.session?.socket.destroy();
  expect(await failureOf(collected(lost))).toMatchObject({ code: 'UPSTREAM_ERROR', reason: 'the connection was lost' });
  await Promise.all([reset.ended, lost.ended]);
});

test('leaving the loop cancels the stream, also during a pending read and before the first one', async () => {
  const resets: unknown[] = [];
  await using server = await rawServer((stream) => {
    answer([text('a'), text('b')], null)(stream);
    stream.once('close', () => resets.push(stream.rstCode));
  });
  const { send } = transport();
  const left = await send(streamOf(server.endpoint));
  const reader = messagesOf(left);
  await reader.next();
  await reader.return?.();
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  const waiting = await send(streamOf(server.endpoint));
  const second = messagesOf(waiting);
  const all = [second.next(), second.next(), second.next()];
  await Promise.all(all.slice(0, 2));
  await second.return?.();
  expect(await Promise.all(all)).toMatchObject([{ value: 'a' }, { value: 'b' }, { done: true }]);
  const unread = await send(streamOf(server.endpoint));
  await messagesOf(unread).return?.();
  await Promise.all([left.ended, waiting.ended, unread.ended]);
  await vi.waitUntil(() => resets.length === 3, LONG_WAIT);
  expect(resets).toEqual(Array(3).fill(constants.NGHTTP2_CANCEL));
});

test('an abort ends the stream immediately, whatever has arrived', async () => {
  await using server = await rawServer(answer([text('a'), text('b')], null));
  const controller = new AbortController();
  const reason = new Error('the caller left');
  const streamed = await transport().send(streamOf(server.endpoint, { signal: controller.signal }));
  const reader = messagesOf(streamed);
  await reader.next();
  controller.abort(reason);
  await expect(reader.next()).rejects.toBe(reason);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  await streamed.ended;
});

/** Writes until the stream is closed. */
const endless = (stream: ServerHttp2Stream, count: (bytes: number) => void): void => {
  const message = text('x'.repeat(64 * 1_024));
  const more = () => {
    if (stream.closed || stream.destroyed) return;
    stream.write(message, () => {
      count(message.length);
      more();
    });
  };
  stream.respond(GRPC);
  more();
};

test('a consumer that stops reading stops the server, and other calls on the connection go on', async () => {
  let written = 0;
  let endlessly = 0;
  await using server = await rawServer((stream, { 'x-endless': isEndless }) => {
    if (isEndless === undefined) return answer([text('other')])(stream);
    endlessly += 1;
    endless(stream, (bytes) => {
      written += bytes;
    });
  });
  const { send } = transport();
  const controller = new AbortController();
  const changes = { headers: { 'x-endless': '1' }, signal: controller.signal };
  const streams = await Promise.all(Array.from({ length: 8 }, () => send(streamOf(server.endpoint, changes))));
  const readers = streams.map(messagesOf);
  await Promise.all(readers.map((reader) => reader.next()));
  // Waits until the server writes no more while other calls are answered.
  let before = -1;
  await vi.waitUntil(async () => {
    const moved = written - before;
    before = written;
    for (let round = 0; round < 10; round += 1) await collected(await send(streamOf(server.endpoint)));
    return moved === 0;
  }, LONG_WAIT);
  expect(endlessly).toBe(8);
  expect(server.sessions).toHaveLength(1);
  expect(written / 8).toBeLessThan(1_500_000);
  const stopped = written;
  for (let message = 0; message < 64; message += 1) await readers[0]?.next();
  await vi.waitUntil(() => written - stopped > 2_000_000, LONG_WAIT);
  controller.abort(new Error('enough'));
  await Promise.all(streams.map(({ ended }) => ended));
});

test('a stream occupies its connection until it has ended', async () => {
  const streams: ServerHttp2Stream[] = [];
  await using server = await rawServer(
    (stream) => {
      streams.push(stream);
      answer([text('a')], null)(stream);
    },
    { settings: { maxConcurrentStreams: 1 } },
  );
  const { send } = transport({ limits: { connections: 1 } });
  const first = await send(streamOf(server.endpoint));
  const second = send(streamOf(server.endpoint));
  const [stream] = streams;
  if (stream === undefined) throw new Error('no stream');
  const closed = once(stream, 'close');
  stream.end();
  expect(await failureOf(collected(first))).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
  await closed;
  const reader = messagesOf(await second);
  expect(await reader.next()).toMatchObject({ value: 'a' });
  expect(streams).toHaveLength(2);
  await reader.return?.();
});
