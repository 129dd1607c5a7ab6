import { expect, test } from 'vitest';
import { askAndLeave, callOf, isAborted } from '../support/gateway/disconnecting-client.ts';
import { expectedOrders, expectWithout, orderPageDocument } from '../support/gateway/expected-page.ts';
import { type LoggedCall, type Shop, startGatewayProcess, startShop } from '../support/gateway/gateway.ts';

const PAGE = orderPageDocument(20);

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
