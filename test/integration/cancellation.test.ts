import { request } from 'node:http';
import { expect, test } from 'vitest';
import type { BackendName } from '../../services-mock/start.ts';
import { expectedOrders, expectWithout, orderPageDocument } from '../support/expected-page.ts';
import { type LoggedCall, type Shop, startGatewayProcess, startShop } from '../support/gateway.ts';

const PAGE = orderPageDocument(20);

/** Sends the document on a separate connection. @returns a function that closes the connection. */
const askAndLeave = (url: URL, document: string): (() => void) => {
  const body = JSON.stringify({ query: document });
  const asking = request(url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } });
  asking.on('error', () => {}); // the connection is destroyed by the test
  asking.end(body);
  return () => asking.destroy();
};

/** Waits for the only call to a backend, and until `is` holds for it. */
const callOf = async (
  shop: Shop,
  backend: BackendName,
  is: (call: LoggedCall) => boolean = () => true,
): Promise<LoggedCall> => {
  const found = await expect
    .poll(async () => (await shop.calls())[backend].find(is) ?? null)
    .not.toBeNull()
    .then(() => shop.calls());
  const [call, ...more] = found[backend];
  if (call === undefined) throw new Error(`${backend} received no call.`);
  expect(more).toEqual([]);
  return call;
};

const isAborted = ({ aborted }: LoggedCall): boolean => aborted;

const left = ({ startedAt, abortedAfterMs }: LoggedCall): number => startedAt + (abortedAfterMs ?? Number.NaN);

/** Milliseconds of one page through a warm gateway: on a busy machine everything takes that much longer. */
const pageMsOf = async (shop: Shop): Promise<number> => {
  await shop.query(PAGE); // opens connections and warms up the code
  const askedAt = performance.now();
  await shop.query(PAGE);
  return performance.now() - askedAt;
};

// The gateway runs in its own process: sharing one with the mocks and the test would measure the test's own work.
for (const backend of ['accounts', 'catalog', 'orders', 'inventory'] as const)
  test(`a disconnecting client cancels its call to ${backend} within 100 ms`, async () => {
    await using shop = await startShop({ start: startGatewayProcess });
    const pageMs = await pageMsOf(shop);
    await shop.clearCalls();
    await shop.setFaults(backend, { route: '*', kind: 'hang' });
    const leave = askAndLeave(shop.url, PAGE);
    await callOf(shop, backend);
    const leftAt = Date.now();
    leave();
    const call = await callOf(shop, backend, isAborted);
    expect(call.status).toBeNull();
    // Both times are rounded to milliseconds.
    expect(left(call)).toBeGreaterThanOrEqual(leftAt - 1);
    expect(left(call) - leftAt).toBeLessThan(100 + pageMs);
  });

test('a disconnecting client cancels all calls in flight, and no further call starts', async () => {
  await using shop = await startShop({ start: startGatewayProcess });
  await shop.setFaults('accounts', { route: '*', kind: 'hang' });
  await shop.setFaults('inventory', { route: '*', kind: 'hang' });
  // Orders of customers are requested after the customers arrived.
  const leave = askAndLeave(
    shop.url,
    '{ customers(first: 3) { nodes { name orders { id } } } orders { items { product { stock { available } } } } }',
  );
  await Promise.all([callOf(shop, 'accounts'), callOf(shop, 'inventory')]);
  leave();
  await Promise.all([callOf(shop, 'accounts', isAborted), callOf(shop, 'inventory', isAborted)]);
  // One more request through the gateway: time in which the abandoned execution could wrongly make another call.
  await shop.setFaults('accounts');
  expect((await shop.query('{ customers(first: 1) { endCursor } }')).errors).toEqual([]);
  const calls = await shop.calls();
  expect(calls.orders).toHaveLength(1);
  expect(calls.inventory).toHaveLength(1);
});

test('a client that disconnects does not affect the requests of other clients', async () => {
  await using shop = await startShop();
  await shop.setFaults('inventory', { route: '*', kind: 'hang', times: 1 });
  const leave = askAndLeave(shop.url, PAGE);
  await callOf(shop, 'inventory');
  const other = shop.query(PAGE);
  leave();
  expect((await other).data).toEqual({ orders: expectedOrders(20) });
  const [mine, theirs] = (await shop.calls()).inventory;
  expect(mine).toMatchObject({ aborted: true });
  expect(theirs).toMatchObject({ aborted: false, status: 0 });
});

const timeoutMsOf = ({ headers }: LoggedCall): number => {
  const [, digits, unit] = /^(\d{1,8})([mS])$/.exec(headers['grpc-timeout'] ?? '') ?? [];
  if (digits === undefined) throw new Error(`grpc-timeout is ${headers['grpc-timeout']}`);
  return Number(digits) * (unit === 'S' ? 1_000 : 1);
};

test("grpc-timeout never exceeds the upstream's timeout", async () => {
  await using shop = await startShop({ timeoutsMs: { inventory: 20_000 } });
  await shop.query(PAGE);
  const ms = timeoutMsOf(await callOf(shop, 'inventory'));
  expect(ms).toBeLessThanOrEqual(20_000);
  expect(ms).toBeGreaterThan(19_000);
});

test('grpc-timeout never exceeds the remaining time of the request', async () => {
  await using shop = await startShop({ env: { REQUEST_TIMEOUT_MS: '15000' } });
  await shop.setFaults('orders', { route: '*', kind: 'latency', ms: 500 });
  await shop.query(PAGE);
  const [orders] = (await shop.calls()).orders;
  const inventory = await callOf(shop, 'inventory');
  // Remaining time at the call to orders, minus the time until the call to inventory.
  const most = 15_000 - (inventory.startedAt - (orders?.startedAt ?? Number.NaN));
  expect(most).toBeLessThanOrEqual(14_500);
  // The header has whole milliseconds, and the mock logs a call at its arrival.
  expect(timeoutMsOf(inventory)).toBeLessThanOrEqual(most + 20);
  expect(timeoutMsOf(inventory)).toBeGreaterThan(0);
});

/** Long enough for the data of the other backends on a busy machine. */
const DEADLINE_MS = 1_500;

for (const backend of ['accounts', 'catalog', 'orders', 'inventory'] as const)
  test(`a request with a hanging ${backend} is answered at its deadline with the data of the other backends`, async () => {
    await using shop = await startShop({
      env: { REQUEST_TIMEOUT_MS: String(DEADLINE_MS) },
      start: startGatewayProcess,
    });
    const pageMs = await pageMsOf(shop);
    await shop.clearCalls();
    await shop.setFaults(backend, { route: '*', kind: 'hang' });
    const askedAt = performance.now();
    const answer = await shop.query(PAGE);
    const tookMs = performance.now() - askedAt;
    expectWithout(backend, 'TIMEOUT', answer, expectedOrders(20));
    expect(tookMs).toBeGreaterThanOrEqual(DEADLINE_MS);
    // The documented tolerance is 50 ms.
    expect(tookMs).toBeLessThan(DEADLINE_MS + 100 + 2 * pageMs);
    const call = await callOf(shop, backend, isAborted);
    expect(call.abortedAfterMs).toBeLessThanOrEqual(DEADLINE_MS + 100 + pageMs);
  });
