import { once } from 'node:events';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { callOf, endpointAt, inventoryServer, rawServer } from '../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../test/support/grpc/grpc-transport.ts';
import { UpstreamError } from '../../core/errors.ts';
import { GrpcStatusError, STATUS_CODES } from './status.ts';

type Request = { product_ids: string[] };
type Unary = ServerUnaryCall<Request, unknown>;
type Reply = sendUnaryData<unknown>;

const echo = (call: Unary, reply: Reply) =>
  reply(null, { stocks: call.request.product_ids.map((product_id, index) => ({ product_id, available: index - 1 })) });

test('a unary call to a real server returns its answer', async () => {
  await using server = await inventoryServer({ BatchGetStock: echo });
  const answer = await openTransport().send(callOf(server.endpoint, 'batchGetStock', { productIds: ['a', 'ü'] }));
  expect(answer).toMatchObject({ status: 0, size: expect.any(Number) });
  expect(answer.value).toStrictEqual({
    stocks: [
      { productId: 'a', available: -1, warehouse: '' },
      { productId: 'ü', available: 0, warehouse: '' },
    ],
  });
});

test('an empty message is encoded and decoded', async () => {
  await using server = await inventoryServer({ BatchGetStock: echo });
  const answer = await openTransport().send(callOf(server.endpoint, 'batchGetStock', {}));
  expect(answer).toMatchObject({ value: { stocks: [] }, size: 5 });
});

test('metadata reaches the server, and headers and trailers are returned', async () => {
  const seen: Metadata[] = [];
  await using server = await inventoryServer({
    BatchGetStock: (call: Unary, reply: Reply) => {
      seen.push(call.metadata);
      const headers = new Metadata();
      headers.set('x-head', 'first');
      call.sendMetadata(headers);
      const trailers = new Metadata();
      trailers.set('x-tail', 'last');
      trailers.set('x-raw-bin', Buffer.from([1, 2, 255]));
      reply(null, {}, trailers);
    },
  });
  const headers = { authorization: 'Bearer t', 'x-request-id': 'r1' };
  const answer = await openTransport().send(callOf(server.endpoint, 'batchGetStock', {}, { headers }));
  expect(seen[0]?.getMap()).toMatchObject({ ...headers, 'user-agent': 'tributary' });
  expect(answer.headers).toMatchObject({ 'x-head': 'first', 'x-tail': 'last', 'grpc-status': '0' });
  expect(Buffer.from(answer.headers['x-raw-bin'] ?? '', 'base64')).toEqual(Buffer.from([1, 2, 255]));
  expect(Object.keys(answer.headers).filter((name) => name.startsWith(':'))).toEqual([]);
});

test.each(Object.entries(STATUS_CODES))('status %s is %s', async (name, code) => {
  await using server = await inventoryServer({
    BatchGetStock: (_call: Unary, reply: Reply) => {
      const metadata = new Metadata();
      metadata.set('grpc-status-details-bin', Buffer.from('detail'));
      reply({ code: status[name as keyof typeof status], details: `nö, 100%\r\n${'x'.repeat(500)}`, metadata });
    },
  });
  const error = await openTransport()
    .send(callOf(server.endpoint, 'batchGetStock', {}))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code, upstream: 'inventory.stock', route: 'inventory.v1.Inventory/BatchGetStock' });
  const { message, cause } = error as UpstreamError;
  expect(message).toContain(`${name}: nö, 100% xxx`);
  expect(message.length).toBeLessThan(320);
  expect(cause).toBeInstanceOf(GrpcStatusError);
  const details = (cause as GrpcStatusError).headers['grpc-status-details-bin'] ?? '';
  expect(Buffer.from(details, 'base64').toString()).toBe('detail');
});

test('grpc-timeout is at most the time left when the call is sent', async () => {
  const timeouts: string[] = [];
  await using server = await rawServer((stream, headers) => {
    timeouts.push(String(headers['grpc-timeout']));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
  });
  const { send } = openTransport();
  for (const ms of [3, 30_250.9, 60_000]) {
    const call = callOf(server.endpoint, 'batchGetStock', {}, { deadline: performance.now() + ms });
    await send(call).catch(() => {});
    const last = timeouts.at(-1);
    if (last === undefined) continue;
    expect(last).toMatch(/^\d+m$/);
    expect(Number.parseInt(last, 10)).toBeLessThanOrEqual(ms);
  }
  expect(timeouts.length).toBeGreaterThan(1);
});

test('a call past its deadline is not sent', async () => {
  let calls = 0;
  await using server = await rawServer(() => {
    calls += 1;
  });
  const late = callOf(server.endpoint, 'batchGetStock', {}, { deadline: performance.now() - 1 });
  await expect(openTransport().send(late)).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(calls).toBe(0);
});

test('an abort rejects with its reason, and the server sees it', async () => {
  const started = Promise.withResolvers<Unary>();
  await using server = await inventoryServer({ BatchGetStock: (call: Unary) => started.resolve(call) });
  const controller = new AbortController();
  const answer = openTransport().send(callOf(server.endpoint, 'batchGetStock', {}, { signal: controller.signal }));
  const call = await started.promise;
  const cancelled = once(call, 'cancelled');
  const reason = new Error('the caller left');
  controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  await cancelled;
  expect(call.cancelled).toBe(true);
});

test('a call aborted before it is sent opens no connection', async () => {
  await using server = await rawServer(() => {});
  const reason = new Error('gone');
  const call = callOf(server.endpoint, 'batchGetStock', {}, { signal: AbortSignal.abort(reason) });
  await expect(openTransport().send(call)).rejects.toBe(reason);
  expect(server.sessions).toHaveLength(0);
});

test('the size limit of an answer is configurable', async () => {
  const stocks = Array.from({ length: 1_000 }, () => ({ product_id: 'p'.repeat(100) }));
  await using server = await inventoryServer({
    BatchGetStock: (_call: Unary, reply: Reply) => reply(null, { stocks }),
  });
  const call = callOf(server.endpoint, 'batchGetStock', {});
  const capped = openTransport({ maxResponseBytes: 100_000 });
  await expect(capped.send(call)).rejects.toMatchObject({ code: 'UPSTREAM_RESPONSE_TOO_LARGE' });
  const answer = await openTransport({ maxResponseBytes: 200_000 }).send(call);
  expect(answer.value).toMatchObject({ stocks: { length: 1_000 } });
});

test('large messages are sent and received', async () => {
  await using server = await inventoryServer(
    { BatchGetStock: echo },
    { options: { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 } },
  );
  const productIds = Array.from({ length: 30_000 }, (_, index) => `${index}`.padStart(100, '-'));
  const answer = await openTransport().send(callOf(server.endpoint, 'batchGetStock', { productIds }));
  expect(answer.size).toBeGreaterThan(3_000_000);
  expect(answer.value).toMatchObject({ stocks: { length: 30_000 } });
});

test.each([
  ['connection', 'close', 'INTERNAL_SERVER_ERROR'],
  [':path', '/admin', 'INTERNAL_SERVER_ERROR'],
  ['grpc-timeout', '1H', 'INTERNAL_SERVER_ERROR'],
  ['X-Upper', '1', 'INTERNAL_SERVER_ERROR'],
  ['x-line', 'a\r\nb: c', 'BAD_USER_INPUT'],
  ['x-wide', 'ü', 'BAD_USER_INPUT'],
])('a call with the header %j: %j is rejected before it is sent', async (name, value, code) => {
  let calls = 0;
  await using server = await rawServer(() => {
    calls += 1;
  });
  const call = callOf(server.endpoint, 'batchGetStock', {}, { headers: { [name]: value } });
  await expect(openTransport().send(call)).rejects.toMatchObject({ code });
  expect(calls).toBe(0);
});

test('the endpoint’s base path precedes the method', async () => {
  const paths: unknown[] = [];
  await using server = await rawServer((stream, headers) => {
    paths.push(headers[':path']);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
  });
  const { send } = openTransport();
  for (const path of ['', '/', '/base', '/base/'])
    await send(callOf(endpointAt(server.port, 'grpc', path), 'reserve', {})).catch(() => {});
  expect(paths).toEqual([
    '/inventory.v1.Inventory/Reserve',
    '/inventory.v1.Inventory/Reserve',
    '/base/inventory.v1.Inventory/Reserve',
    '/base/inventory.v1.Inventory/Reserve',
  ]);
});
