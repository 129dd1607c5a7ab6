import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ClientUnaryCall } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { callsOf, grpcClient, mockFor, setFaults } from './test-clients.ts';

const ROUTE = 'inventory.v1.Inventory/BatchGetStock';
const ASKED = { productIds: ['p1', 'p2', 'p3', 'p4'] };

const start = async (...faults: readonly unknown[]) => {
  const mock = await mockFor('inventory');
  await setFaults(mock, ...faults);
  const call = grpcClient(mock);
  return { mock, call, sendRequest: () => call('BatchGetStock', ASKED) };
};

/** Frames of one call on the wire, below any gRPC library. */
const onTheWire = async (port: number) => {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/${ROUTE}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(Buffer.alloc(5));
    const [headers] = await once(stream, 'response');
    let trailers: Record<string, unknown> | null = null;
    stream.on('trailers', (given) => {
      trailers = given;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { headers, trailers, bytes: Buffer.concat(chunks) };
  } finally {
    session.close();
  }
};

test('a status is answered by number or by name, with metadata', async () => {
  const { mock, sendRequest } = await start(
    {
      route: ROUTE,
      kind: 'status',
      status: 'UNAVAILABLE',
      body: 'gone fishing',
      headers: { 'grpc-retry-pushback-ms': '9' },
      times: 1,
    },
    { route: '*', kind: 'status', status: 8 },
  );
  const first = await sendRequest();
  expect(first).toMatchObject({ code: 14, details: 'gone fishing' });
  expect(first.metadata.get('grpc-retry-pushback-ms')).toEqual(['9']);
  expect((await sendRequest()).code).toBe(8);
  expect((await callsOf(mock)).map(({ status }) => status)).toEqual([14, 8]);
});

test('latency delays the real answer', async () => {
  const { sendRequest } = await start({ route: ROUTE, kind: 'latency', ms: 80 });
  const before = performance.now();
  expect((await sendRequest()).code).toBe(0);
  expect(performance.now() - before).toBeGreaterThanOrEqual(79);
});

test('a reset before headers breaks one call and not its neighbours', async () => {
  const { mock, call, sendRequest } = await start({ route: ROUTE, kind: 'reset-before-headers' });
  const [broken, whole] = await Promise.all([sendRequest(), call('ListLowStock', { below: 3 })]);
  expect(broken).toMatchObject({ code: 13, headed: false });
  expect(broken.details).toMatch(/RST_STREAM/);
  expect(whole.code).toBe(0);
  const calls = await callsOf(mock);
  expect(calls.find(({ route }) => route === ROUTE)).toMatchObject({ status: null, aborted: false });
});

test('a reset after headers follows the headers', async () => {
  const { sendRequest } = await start({ route: ROUTE, kind: 'reset-after-headers' });
  const answer = await sendRequest();
  expect(answer).toMatchObject({ code: 13, headed: true });
  expect(answer.details).toMatch(/RST_STREAM/);
});

test('garbage is a complete message that does not decode', async () => {
  const { mock, sendRequest } = await start({ route: ROUTE, kind: 'garbage' });
  expect(await sendRequest()).toMatchObject({ code: 13, headed: true });
  const { bytes, trailers } = await onTheWire(mock.port);
  expect(bytes.readUInt32BE(1)).toBe(bytes.length - 5);
  expect(trailers).toMatchObject({ 'grpc-status': '0' });
});

test('a truncated message announces more bytes than it has, with status OK', async () => {
  const { mock, sendRequest } = await start({ route: ROUTE, kind: 'truncated-body' });
  expect((await sendRequest()).code).not.toBe(0);
  const { bytes, trailers } = await onTheWire(mock.port);
  expect([bytes.readUInt32BE(1), bytes.length]).toEqual([1_000, 15]);
  expect(trailers).toMatchObject({ 'grpc-status': '0' });
});

test('an HTML page has HTTP status 200', async () => {
  const { mock, sendRequest } = await start({ route: ROUTE, kind: 'html' });
  expect((await sendRequest()).code).not.toBe(0);
  const { headers, trailers } = await onTheWire(mock.port);
  expect(headers).toMatchObject({ ':status': 200, 'content-type': 'text/html; charset=utf-8' });
  expect(trailers).toBeNull();
});

test('an answer can be set as JSON', async () => {
  const row = { productId: 'p9', available: -1, warehouse: '' };
  const { sendRequest } = await start({ route: ROUTE, kind: 'answer', value: { stocks: [row, row] } });
  expect((await sendRequest()).message).toEqual({ stocks: [row, row] });
});

test('lists can be reordered, shortened and have a duplicate row', async () => {
  const { sendRequest, mock } = await start();
  const { stocks } = Object((await sendRequest()).message);
  await setFaults(mock, ...['reorder', 'shorten', 'duplicate'].map((kind) => ({ route: ROUTE, kind, times: 1 })));
  expect((await sendRequest()).message).toEqual({ stocks: stocks.toReversed() });
  expect((await sendRequest()).message).toEqual({ stocks: stocks.slice(0, -1) });
  expect((await sendRequest()).message).toEqual({ stocks: [stocks[0], ...stocks] });
});

test('a hanging call is logged with its ids on arrival, and again at its cancellation', async () => {
  const { mock, call } = await start({ route: ROUTE, kind: 'hang' });
  let running: ClientUnaryCall | null = null;
  const answer = call('BatchGetStock', ASKED, {
    headers: { 'x-request-id': 'r-1' },
    onCall: (made) => {
      running = made;
    },
  });
  await expect.poll(() => callsOf(mock)).toMatchObject([{ ids: ASKED.productIds, status: null, aborted: false }]);
  Object(running).cancel();
  expect((await answer).code).toBe(1);
  await expect
    .poll(() => callsOf(mock))
    .toMatchObject([
      { aborted: true, abortedAfterMs: expect.any(Number), status: null, headers: { 'x-request-id': 'r-1' } },
    ]);
});

test('a deadline is logged as received and enforced by the client alone', async () => {
  const { mock, call } = await start({ route: ROUTE, kind: 'latency', ms: 3_600_000 });
  expect((await call('BatchGetStock', ASKED, { deadlineMs: 50 })).code).toBe(4);
  await expect
    .poll(() => callsOf(mock))
    .toMatchObject([{ aborted: true, status: null, headers: { 'grpc-timeout': expect.stringMatching(/^\d+m$/) } }]);
});

test('an unknown method is logged with its status', async () => {
  const { mock } = await start();
  const session = connect(mock.url.replace('grpc:', 'http:'));
  const stream = session.request({ ':method': 'POST', ':path': '/a.B/C', 'content-type': 'application/grpc' });
  stream.end().resume();
  await once(stream, 'close');
  session.close();
  await expect.poll(() => callsOf(mock)).toMatchObject([{ route: 'a.B/C', status: 12, aborted: false }]);
});

test('`*` excludes health, which breaks by its own name', async () => {
  const { mock, call } = await start({ route: '*', kind: 'status', status: 14 });
  expect((await call('Check', {})).message).toEqual({ status: 'SERVING' });
  await setFaults(mock, { route: 'grpc.health.v1.Health/Check', kind: 'answer', value: { status: 'NOT_SERVING' } });
  expect((await call('Check', {})).message).toEqual({ status: 'NOT_SERVING' });
});
