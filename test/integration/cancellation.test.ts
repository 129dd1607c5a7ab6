import { expect, test } from 'vitest';
import { askAndLeave, callOf, isAborted } from '../support/gateway/disconnecting-client.ts';
import { expectedOrders, orderPageDocument } from '../support/gateway/expected-page.ts';
import { type LoggedCall, startShop } from '../support/gateway/gateway.ts';

const PAGE = orderPageDocument(20);

test('a disconnecting client cancels all calls in flight, and no further call starts', async () => {
  await using shop = await startShop();
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
  expect(ms).toBeGreaterThan(10_000);
});

test('grpc-timeout never exceeds the remaining time of the request', async () => {
  await using shop = await startShop({ env: { REQUEST_TIMEOUT_MS: '15000' } });
  await shop.setFaults('orders', { route: '*', kind: 'latency', ms: 500 });
  await shop.query(PAGE);
  const inventory = await callOf(shop, 'inventory');
  // The call to inventory follows the answer of orders.
  expect(timeoutMsOf(inventory)).toBeLessThanOrEqual(14_500);
  expect(timeoutMsOf(inventory)).toBeGreaterThan(0);
});
