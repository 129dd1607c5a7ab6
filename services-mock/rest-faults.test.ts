import { expect, test } from 'vitest';
import { callsOf, http, json, mockFor, setFaults } from './test-clients.ts';

const BULK = 'GET /customers';
const BULK_PATH = '/customers?ids=c1,c2,c3';

test('a status is answered with its body and headers, or with a problem', async () => {
  const mock = await mockFor('accounts');
  await setFaults(mock, {
    route: 'GET /customers/{id}',
    kind: 'status',
    status: 429,
    body: { why: 'busy' },
    headers: { 'retry-after': '3' },
  });
  const { status, headers, body } = await json(`${mock.url}/customers/c1`);
  expect({ status, retryAfter: headers['retry-after'], body }).toEqual({
    status: 429,
    retryAfter: '3',
    body: { why: 'busy' },
  });
  expect((await http(`${mock.url}${BULK_PATH}`)).status).toBe(200);

  await setFaults(mock, { route: '*', kind: 'status', status: 503 });
  expect((await json(`${mock.url}${BULK_PATH}`)).body).toMatchObject({ status: 503, title: 'Service Unavailable' });
  expect((await callsOf(mock)).map((call) => call.status)).toEqual([429, 200, 503]);
});

test('latency delays, and may be combined with another fault', async () => {
  const mock = await mockFor('accounts');
  await setFaults(
    mock,
    { route: BULK, kind: 'latency', ms: 60 },
    { route: '*', kind: 'latency', ms: 60 },
    { route: BULK, kind: 'status', status: 500 },
  );
  const start = performance.now();
  expect((await http(`${mock.url}${BULK_PATH}`)).status).toBe(500);
  expect(performance.now() - start).toBeGreaterThanOrEqual(118);
});

test('the next listed fault applies once the first has used up its times', async () => {
  const mock = await mockFor('accounts');
  await setFaults(
    mock,
    { route: BULK, kind: 'status', status: 500, times: 2 },
    { route: BULK, kind: 'status', status: 502, times: 1 },
  );
  const statuses: number[] = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await http(`${mock.url}${BULK_PATH}`)).status);
  expect(statuses).toEqual([500, 500, 502, 200]);
});

test('a probability hits its share of calls, the same ones in every run', async () => {
  const run = async () => {
    const mock = await mockFor('accounts');
    await setFaults(mock, { route: '*', kind: 'status', status: 500, probability: 0.3 });
    const statuses: number[] = [];
    for (let n = 0; n < 100; n += 1) statuses.push((await http(`${mock.url}/customers/c1`)).status);
    return statuses;
  };
  const statuses = await run();
  const failed = statuses.filter((status) => status === 500).length;
  expect(failed).toBeGreaterThan(15);
  expect(failed).toBeLessThan(45);
  expect(await run()).toEqual(statuses);
});

test('a reset before headers leaves the client without an answer', async () => {
  const mock = await mockFor('accounts');
  await setFaults(mock, { route: '*', kind: 'reset-before-headers' });
  const seen: number[] = [];
  const answer = http(`${mock.url}/customers/c1`, { onHeaders: (status) => seen.push(status) });
  await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(seen).toEqual([]);
  expect(await callsOf(mock)).toMatchObject([{ status: null, aborted: false }]);
});

test.each(['reset-after-headers', 'truncated-body'])('%s loses the answer, not the work', async (kind) => {
  const mock = await mockFor('orders');
  await setFaults(mock, { route: 'POST /orders', kind });
  const seen: number[] = [];
  const body = { customerId: 'c1', items: [{ productId: 'p1', quantity: 1 }] };
  const answer = http(`${mock.url}/orders`, { method: 'POST', body, onHeaders: (status) => seen.push(status) });
  await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(seen).toEqual([201]);
  expect((await http(`${mock.url}/orders/o5001`)).status).toBe(200);
  expect((await callsOf(mock))[0]).toMatchObject({ status: 201, aborted: false });
});

test('garbage is labelled JSON, and an HTML page is labelled HTML', async () => {
  const mock = await mockFor('accounts');
  await setFaults(mock, { route: '*', kind: 'garbage', times: 1 }, { route: '*', kind: 'html' });
  const garbage = await http(`${mock.url}/customers/c1`);
  expect([garbage.status, garbage.headers['content-type']]).toEqual([200, 'application/json']);
  expect(() => JSON.parse(garbage.text)).toThrow(SyntaxError);
  const html = await http(`${mock.url}/customers/c1`);
  expect([html.status, html.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
});

test('an answer can be set literally', async () => {
  const mock = await mockFor('accounts');
  await setFaults(mock, { route: '*', kind: 'answer', value: [null, { id: 7 }] });
  expect((await json(`${mock.url}/customers/c1`)).body).toEqual([null, { id: 7 }]);
});

test('bulk answers can be reordered, shortened and have a duplicate row', async () => {
  const mock = await mockFor('accounts');
  const { body: rows } = await json(mock.url + BULK_PATH);
  await setFaults(mock, ...['reorder', 'shorten', 'duplicate'].map((kind) => ({ route: BULK, kind, times: 1 })));
  expect((await json(mock.url + BULK_PATH)).body).toEqual(rows.toReversed());
  expect((await json(mock.url + BULK_PATH)).body).toEqual(rows.slice(0, 2));
  expect((await json(mock.url + BULK_PATH)).body).toEqual([rows[0], ...rows]);
});

test('a hanging call is logged on arrival, and again when the client leaves', async () => {
  const mock = await mockFor('accounts');
  await setFaults(mock, { route: '*', kind: 'hang' });
  const client = new AbortController();
  const answer = http(`${mock.url}${BULK_PATH}`, { signal: client.signal });
  const gone = expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => callsOf(mock)).toMatchObject([{ ids: ['c1', 'c2', 'c3'], status: null, aborted: false }]);
  client.abort();
  await gone;
  await expect.poll(() => callsOf(mock)).toMatchObject([{ aborted: true, abortedAfterMs: expect.any(Number) }]);
});

test('a client that leaves during latency stops the work', async () => {
  const mock = await mockFor('orders');
  await setFaults(mock, { route: 'POST /orders', kind: 'latency', ms: 3_600_000 });
  const client = new AbortController();
  const body = { customerId: 'c1', items: [{ productId: 'p1', quantity: 1 }] };
  const gone = http(`${mock.url}/orders`, { method: 'POST', body, signal: client.signal }).catch(() => 'gone');
  await expect.poll(() => callsOf(mock)).toHaveLength(1);
  client.abort();
  expect(await gone).toBe('gone');
  await expect.poll(() => callsOf(mock)).toMatchObject([{ aborted: true }]);
  expect((await http(`${mock.url}/orders/o5001`)).status).toBe(404);
});

test('`*` excludes health, which breaks by its own name', async () => {
  const mock = await mockFor('accounts');
  await setFaults(mock, { route: '*', kind: 'status', status: 500 });
  expect(await json(`${mock.url}/health`)).toMatchObject({ status: 200, body: { status: 'ok' } });
  await setFaults(mock, { route: 'GET /health', kind: 'status', status: 500 });
  expect((await http(`${mock.url}/health`)).status).toBe(500);
  expect(await callsOf(mock)).toEqual([]);
});
