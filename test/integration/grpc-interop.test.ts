import { describe, expect, test, vi } from 'vitest';
import { UpstreamError } from '../../src/core/errors.ts';
import type { Call } from '../../src/upstream/call.ts';
import { decodeMessage } from '../../src/upstream/grpc/headers.ts';
import { GrpcStatusError } from '../../src/upstream/grpc/status.ts';
import { deadline } from '../../src/upstream/time-limit.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import {
  connectServer,
  ECHO_INITIAL,
  ECHO_TRAILING,
  grpcJsServer,
  HOLD,
  interopCall,
  interopMethod,
} from '../support/grpc/grpc-interop.ts';
import { collected, messagesOf } from '../support/grpc/grpc-messages.ts';
import { endpointAt, type RunningServer } from '../support/grpc/grpc-server.ts';
import { openTransport } from '../support/grpc/grpc-transport.ts';
import { tunnel } from '../support/grpc/grpc-tunnel.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

// Cases, names and sizes: https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md Cases with client
// streaming use a method without client streaming instead.

const REQUEST_BYTES = 271_828;
const RESPONSE_BYTES = 314_159;
const SIZES = [31_415, 9, 2_653, 58_979];

const unary = interopMethod('unaryCall');
const output = interopMethod('streamingOutputCall');
const sizesOf = (sizes: readonly number[]) => ({ responseParameters: sizes.map((size) => ({ size })) });
const payload = (size: number) => ({ payload: { type: 0, body: Buffer.alloc(size).toString('base64') } });
const LARGE = { responseSize: RESPONSE_BYTES, ...payload(REQUEST_BYTES) };

const failureOf = async (answer: Promise<unknown>): Promise<UpstreamError> => {
  const error = await answer.catch((thrown: unknown) => thrown);
  if (error instanceof UpstreamError) return error;
  throw new Error('not an UpstreamError', { cause: error });
};

const statusOf = ({ cause }: UpstreamError) => (cause instanceof GrpcStatusError ? cause.status : undefined);
const wordsOf = ({ cause }: UpstreamError) =>
  decodeMessage((cause instanceof GrpcStatusError && cause.headers['grpc-message']) || '');

describe.each([
  ['@grpc/grpc-js', grpcJsServer],
  ['@connectrpc/connect-node', connectServer],
])('a server of %s', (library, start) => {
  const call = (server: RunningServer, method: typeof unary, request: unknown, changes: Partial<Call> = {}) =>
    interopCall(server, method, request, changes);

  test('empty_unary', async () => {
    await using server = await start();
    expect(await openTransport().send(call(server, interopMethod('emptyCall'), {}))).toMatchObject({
      status: 0,
      value: {},
    });
  });

  test('large_unary', async () => {
    await using server = await start();
    const answer = await openTransport().send(call(server, unary, LARGE));
    expect(answer.value).toStrictEqual(payload(RESPONSE_BYTES));
  });

  test('client_compressed_unary', async () => {
    await using server = await start();
    await using way = await tunnel(server.port);
    const endpoint = endpointAt(way.port);
    const { send } = openTransport({ compression: 'gzip' });
    const answer = await send(call(server, unary, { ...payload(REQUEST_BYTES), responseSize: 9 }, { endpoint }));
    expect(answer.value).toStrictEqual(payload(9));
    expect(way.toServer).toBeLessThan(REQUEST_BYTES / 10);
    // Too small to be worth compressing, but still understood.
    expect((await send(call(server, unary, { responseSize: 1 }, { endpoint }))).value).toStrictEqual(payload(1));
  });

  test('server_compressed_unary', async () => {
    await using server = await start();
    await using way = await tunnel(server.port);
    const { send } = openTransport({ compression: 'gzip' });
    const request = { responseSize: RESPONSE_BYTES };
    const answer = await send(call(server, unary, request, { endpoint: endpointAt(way.port) }));
    expect(answer.value).toStrictEqual(payload(RESPONSE_BYTES));
    // The server of grpc-js 1.14 never compresses its responses.
    if (library !== '@grpc/grpc-js') expect(way.toClient).toBeLessThan(RESPONSE_BYTES / 10);
    const before = way.toClient;
    await openTransport().send(call(server, unary, request, { endpoint: endpointAt(way.port) }));
    expect(way.toClient - before).toBeGreaterThan(RESPONSE_BYTES);
  });

  test('custom_metadata', async () => {
    await using server = await start();
    const headers = {
      [ECHO_INITIAL]: 'test_initial_metadata_value',
      [ECHO_TRAILING]: Buffer.from([0xab, 0xab, 0xab]).toString('base64'),
    };
    const { send } = openTransport();
    const answer = await send(call(server, unary, { responseSize: 1 }, { headers }));
    expect(answer.headers).toMatchObject(headers);
    const streamed = await send(call(server, output, sizesOf([1]), { headers }));
    expect(streamed.headers[ECHO_INITIAL]).toBe(headers[ECHO_INITIAL]);
  });

  test('status_code_and_message', async () => {
    await using server = await start();
    const responseStatus = { code: 2, message: 'test status message' };
    const { send } = openTransport();
    const error = await failureOf(send(call(server, unary, { responseStatus })));
    expect(error).toMatchObject({ code: 'UPSTREAM_ERROR', status: 2 });
    expect([statusOf(error), wordsOf(error)]).toEqual(['UNKNOWN', responseStatus.message]);
    const streamed = await send(call(server, output, { responseStatus, ...sizesOf([]) }));
    const thrown = await failureOf(collected(streamed));
    expect([statusOf(thrown), wordsOf(thrown)]).toEqual(['UNKNOWN', responseStatus.message]);
  });

  test('special_status_message', async () => {
    await using server = await start();
    const message = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';
    const error = await failureOf(openTransport().send(call(server, unary, { responseStatus: { code: 2, message } })));
    expect([statusOf(error), wordsOf(error)]).toEqual(['UNKNOWN', message]);
    expect(error.message).toContain('test with whitespace and Unicode BMP ☺ and non-BMP 😈 (');
  });

  test('unimplemented_method', async () => {
    await using server = await start();
    const error = await failureOf(openTransport().send(call(server, interopMethod('unimplementedCall'), {})));
    expect(statusOf(error)).toBe('UNIMPLEMENTED');
  });

  test('unimplemented_service', async () => {
    await using server = await start();
    const method = interopMethod('unimplementedCall', 'grpc.testing.UnimplementedService');
    const error = await failureOf(openTransport().send(call(server, method, {})));
    expect(statusOf(error)).toBe('UNIMPLEMENTED');
  });

  test('cancel_after_begin', async () => {
    await using server = await start();
    const { send } = openTransport();
    await send(call(server, interopMethod('emptyCall'), {}));
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const answer = send(call(server, unary, {}, { headers: { [HOLD]: '1' }, signal: controller.signal }));
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect((await send(call(server, unary, { responseSize: 1 }))).value).toStrictEqual(payload(1));
  });

  test('timeout_on_sleeping_server', async () => {
    await using server = await start();
    const clock = manualClock();
    const { send } = openTransport({ clock, pingIntervalMs: 1e9 });
    const headers = { [HOLD]: '1' };
    const late = call(server, unary, payload(27_182), { headers, deadline: clock.now() + 60_000 });
    const failure = failureOf(deadline(clock)(send)(late));
    await vi.waitUntil(() => server.held === 1, LONG_WAIT);
    clock.advance(60_000);
    expect(await failure).toMatchObject({ code: 'TIMEOUT' });
    await vi.waitUntil(() => server.cancelled === 1, LONG_WAIT);
  });

  test('server_streaming', async () => {
    await using server = await start();
    const answer = await openTransport().send(call(server, output, sizesOf(SIZES)));
    expect(await collected(answer)).toStrictEqual(SIZES.map(payload));
    await answer.ended;
  });

  test('cancel_after_first_response', async () => {
    await using server = await start();
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const { send } = openTransport();
    const headers = { [HOLD]: '1' };
    const answer = await send(call(server, output, sizesOf([31_415]), { headers, signal: controller.signal }));
    const messages = messagesOf(answer);
    expect(await messages.next()).toStrictEqual({ done: false, value: payload(31_415) });
    const next = messages.next();
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    await answer.ended;
    await vi.waitUntil(() => server.cancelled === 1, LONG_WAIT);
  });
});
