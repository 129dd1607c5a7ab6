import { expect, test } from 'vitest';
import { CallLog } from './call-log.ts';
import { callsOf, http, json, mockFor, setFaults } from './test-clients.ts';

test('a call is logged with its route, target, ids, headers, status and time', async () => {
  const mock = await mockFor('accounts');
  const before = Date.now();
  await http(`${mock.url}/customers/c7?x=%20y`, { headers: { Authorization: 'Bearer t', 'X-Request-Id': 'r1' } });
  const [call] = await callsOf(mock);
  expect(call).toMatchObject({
    method: 'GET',
    route: 'GET /customers/{id}',
    path: '/customers/c7?x=%20y',
    ids: ['c7'],
    headers: { authorization: 'Bearer t', 'x-request-id': 'r1' },
    status: 200,
    aborted: false,
    abortedAfterMs: null,
  });
  expect(call?.startedAt).toBeGreaterThanOrEqual(before);
});

test('routes in the log contain no parameter values', async () => {
  const [orders, catalog] = await Promise.all([mockFor('orders'), mockFor('catalog')]);
  await http(`${orders.url}/orders?customers=c1,c2`);
  await http(`${orders.url}/orders/o1/cancel`, { method: 'POST' });
  await http(`${orders.url}/orders`, { method: 'POST', body: {} });
  await http(`${catalog.url}/products/search?text=a`);
  expect((await callsOf(orders)).map(({ route, ids, status }) => [route, ids, status])).toEqual([
    ['GET /orders', ['c1', 'c2'], 200],
    ['POST /orders/{id}/cancel', ['o1'], expect.any(Number)],
    ['POST /orders', [], 422],
  ]);
  expect((await callsOf(catalog)).map(({ route }) => route)).toEqual(['GET /products/search']);
});

test('calls and faults can be emptied', async () => {
  const mock = await mockFor('accounts');
  const fault = { route: '*', kind: 'status', status: 500, times: 3 };
  await setFaults(mock, fault);
  await http(`${mock.url}/customers/c1`);
  expect((await json(`${mock.controlUrl}/__faults`)).body).toEqual({ faults: [fault] });
  expect((await http(`${mock.controlUrl}/__faults`, { method: 'DELETE' })).status).toBe(204);
  expect((await http(`${mock.controlUrl}/__calls`, { method: 'DELETE' })).status).toBe(204);
  expect((await json(`${mock.controlUrl}/__faults`)).body).toEqual({ faults: [] });
  expect((await json(`${mock.controlUrl}/__calls`)).body).toEqual({ calls: [] });
  expect((await http(`${mock.url}/customers/c1`)).status).toBe(200);
});

test.each([
  ['{', 'not JSON'],
  [{}, 'faults'],
  [{ faults: [{ route: '*', kind: 'explode' }] }, 'kind'],
  [{ faults: [{ route: 'GET /typo', kind: 'hang' }] }, 'GET /customers/{id}'],
  [{ faults: [{ route: '*', kind: 'status', status: 20 }] }, 'faults[0].status'],
  [{ faults: [{ route: '*', kind: 'status', status: 'UNAVAILABLE' }] }, 'faults[0].status'],
  [{ faults: [{ route: '*', kind: 'latency' }] }, 'faults[0].ms'],
  [{ faults: [{ route: '*', kind: 'hang', time: 1 }] }, 'time'],
  [{ faults: [{ route: '*', kind: 'hang', probability: 2 }] }, 'faults[0].probability'],
])('faults like %j are refused, saying %s, and change nothing', async (body, said) => {
  const mock = await mockFor('accounts');
  await setFaults(mock, { route: '*', kind: 'hang' });
  const answer = await json(`${mock.controlUrl}/__faults`, { method: 'PUT', body });
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toContain(said);
  expect((await json(`${mock.controlUrl}/__faults`)).body.faults).toHaveLength(1);
});

test('a gRPC mock accepts names of gRPC statuses and no HTTP status', async () => {
  const mock = await mockFor('inventory');
  await setFaults(mock, { route: '*', kind: 'status', status: 'DATA_LOSS' });
  await expect(setFaults(mock, { route: '*', kind: 'status', status: 503 })).rejects.toThrow('gRPC code');
  await expect(setFaults(mock, { route: '*', kind: 'status', status: 'OK' })).rejects.toThrow('gRPC code');
});

test('faults of more than a mebibyte are rejected', async () => {
  const mock = await mockFor('accounts');
  const body = { faults: [{ route: '*', kind: 'answer', value: 'x'.repeat(1_048_577) }] };
  expect((await http(`${mock.controlUrl}/__faults`, { method: 'PUT', body })).status).toBe(413);
});

test('an unknown control path is 404 and lists the known ones', async () => {
  const mock = await mockFor('accounts');
  const { status, body } = await json(`${mock.controlUrl}/__nothing`);
  expect(status).toBe(404);
  expect(body.detail).toContain('PUT /__faults');
});

test('the log keeps the latest calls and drops older ones', () => {
  const log = new CallLog(3);
  for (const path of ['1', '2', '3', '4', '5']) log.arrived({ method: 'GET', route: 'r', path, ids: [], headers: {} });
  expect(log.calls().map(({ path }) => path)).toEqual(['3', '4', '5']);
  log.clear();
  log.arrived({ method: 'GET', route: 'r', path: '6', ids: [], headers: {} });
  expect(log.calls().map(({ path }) => path)).toEqual(['6']);
});

test('closing a mock destroys open connections, hanging calls included', async () => {
  const mock = await mockFor('accounts');
  await setFaults(mock, { route: '*', kind: 'hang' });
  const answer = expect(http(`${mock.url}/customers/c1`)).rejects.toMatchObject({ code: 'ECONNRESET' });
  await expect.poll(() => callsOf(mock)).toHaveLength(1);
  await mock.close();
  await answer;
});
