import { request } from 'node:http';
import { expect, test } from 'vitest';
import type { BackendName } from '../../services-mock/start.ts';
import { expectedOrders, expectWithout, orderPageDocument } from '../support/expected-page.ts';
import { type LoggedCall, type Shop, startGatewayProcess, startShop } from '../support/gateway.ts';

const PAGE = orderPageDocument(20);

/** Asks on a connection of its own, so that leaving is closing it. @returns what leaves. */
const askAndLeave = (url: URL, document: string): (() => void) => {
  const body = JSON.stringify({ query: document });
  const asking = request(url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } });
  asking.on('error', () => {}); // of the connection that is about to be destroyed
  asking.end(body);
  return () => asking.destroy();
};

/** The one call that a backend got, once it is there and as the test wants it. */
const callOf = async (
  shop: Shop,
  backend: BackendName,
  is: (call: LoggedCall) => boolean = () => true,
): Promise<LoggedCall> => {
  const found = await expect
    .poll(async () => (await shop.calls())[backend].find(is) ?? null, { timeout: 5_000, interval: 20 })
    .not.toBeNull()
    .then(() => shop.calls());
  const [call, ...more] = found[backend];
  if (call === undefined) throw new Error(`${backend} was not asked.`);
  expect(more).toEqual([]);
  return call;
};

const isAborted = ({ aborted }: LoggedCall): boolean => aborted;

const left = ({ startedAt, abortedAfterMs }: LoggedCall): number => startedAt + (abortedAfterMs ?? Number.NaN);

// The gateway is a process of its own here: in one process with the mocks, and with the test that asks them, it would be the
// test's own work that is measured.
for (const backend of ['accounts', 'catalog', 'orders', 'inventory'] as const)
  test(`a client that leaves takes its call to ${backend} with it within 100 ms`, async () => {
    await using shop = await startShop({ start: startGatewayProcess });
    await shop.query(PAGE); // connections are there, code is warm
    await shop.clearCalls();
    await shop.setFaults(backend, { route: '*', kind: 'hang' });
    const leave = askAndLeave(shop.url, PAGE);
    await callOf(shop, backend);
    const leftAt = Date.now();
    leave();
    const call = await callOf(shop, backend, isAborted);
    expect(call.status).toBeNull();
    // Both are whole milliseconds.
    expect(left(call)).toBeGreaterThanOrEqual(leftAt - 1);
    expect(left(call) - leftAt).toBeLessThan(100);
  });

test('a client that leaves cancels every call in flight, and none is made after it', async () => {
  await using shop = await startShop({ start: startGatewayProcess });
  await shop.setFaults('accounts', { route: '*', kind: 'hang' });
  await shop.setFaults('inventory', { route: '*', kind: 'hang' });
  // Orders of the customers are asked for once those have come.
  const leave = askAndLeave(
    shop.url,
    '{ customers(first: 3) { nodes { name orders { id } } } orders { items { product { stock { available } } } } }',
  );
  await Promise.all([callOf(shop, 'accounts'), callOf(shop, 'inventory')]);
  leave();
  await Promise.all([callOf(shop, 'accounts', isAborted), callOf(shop, 'inventory', isAborted)]);
  // One more turn through the gateway, in which the execution that nobody waits for could still ask somebody.
  await shop.setFaults('accounts');
  expect((await shop.query('{ customers(first: 1) { endCursor } }')).errors).toEqual([]);
  const calls = await shop.calls();
  expect(calls.orders).toHaveLength(1);
  expect(calls.inventory).toHaveLength(1);
});

test('a gateway whose client has left still answers everybody else', async () => {
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

test("grpc-timeout is never more than the upstream's own limit", async () => {
  await using shop = await startShop({ env: { REQUEST_TIMEOUT_MS: '10000' } });
  await shop.query(PAGE);
  const ms = timeoutMsOf(await callOf(shop, 'inventory'));
  expect(ms).toBeLessThanOrEqual(2_000);
  expect(ms).toBeGreaterThan(1_900);
});

test('grpc-timeout is never more than what is left of the request', async () => {
  await using shop = await startShop({ env: { REQUEST_TIMEOUT_MS: '1500' } });
  await shop.setFaults('orders', { route: '*', kind: 'latency', ms: 500 });
  await shop.query(PAGE);
  const [orders] = (await shop.calls()).orders;
  const inventory = await callOf(shop, 'inventory');
  // What was left when orders was asked, less the time until inventory was.
  const most = 1_500 - (inventory.startedAt - (orders?.startedAt ?? Number.NaN));
  expect(most).toBeLessThanOrEqual(1_000);
  // Whole milliseconds, and a call is logged when it arrives, not when its header was written.
  expect(timeoutMsOf(inventory)).toBeLessThanOrEqual(most + 20);
  expect(timeoutMsOf(inventory)).toBeGreaterThan(0);
});

const DEADLINE_MS = 300;

for (const backend of ['accounts', 'catalog', 'orders', 'inventory'] as const)
  test(`a request that ${backend} keeps waiting is answered at its deadline, with all that the others know`, async () => {
    await using shop = await startShop({
      env: { REQUEST_TIMEOUT_MS: String(DEADLINE_MS) },
      start: startGatewayProcess,
    });
    await shop.query(PAGE);
    await shop.clearCalls();
    await shop.setFaults(backend, { route: '*', kind: 'hang' });
    const askedAt = performance.now();
    const answer = await shop.query(PAGE);
    const tookMs = performance.now() - askedAt;
    expectWithout(backend, 'TIMEOUT', answer, expectedOrders(20));
    expect(tookMs).toBeGreaterThanOrEqual(DEADLINE_MS);
    // The promise is 50 ms; two cores that run other tests meanwhile get 250.
    expect(tookMs).toBeLessThan(DEADLINE_MS + 250);
    const call = await callOf(shop, backend, isAborted);
    expect(call.abortedAfterMs).toBeLessThanOrEqual(DEADLINE_MS + 100);
  });
