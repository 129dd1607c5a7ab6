import { expect, test } from 'vitest';
import { BACKEND_NAMES } from '../../services-mock/start.ts';
import { askAndLeave, callOf, isAborted } from '../support/gateway/disconnecting-client.ts';
import { expectedOrders, expectWithout, orderPageDocument } from '../support/gateway/expected-page.ts';
import { startGatewayProcess, startShop } from '../support/gateway/gateway.ts';

// How soon a call ends is measured by `npm run test:faults`.

const PAGE = orderPageDocument(20);

test.each(BACKEND_NAMES)('a client that disconnects from a gateway process cancels its call to %s', async (backend) => {
  await using shop = await startShop({ start: startGatewayProcess });
  await shop.setFaults(backend, { route: '*', kind: 'hang' });
  const leave = askAndLeave(shop.url, PAGE);
  expect((await callOf(shop, backend)).aborted).toBe(false);
  leave();
  expect((await callOf(shop, backend, isAborted)).status).toBeNull();
});

/** Long enough for the data of the other backends; shorter than the timeout of an attempt. */
const DEADLINE_MS = 1_800;

test.each(BACKEND_NAMES)(
  'a request with a hanging %s is answered at its deadline with the data of the other backends',
  async (backend) => {
    await using shop = await startShop({
      env: { REQUEST_TIMEOUT_MS: String(DEADLINE_MS) },
      start: startGatewayProcess,
    });
    await shop.query(PAGE); // opens connections and warms up the code
    await shop.clearCalls();
    await shop.setFaults(backend, { route: '*', kind: 'hang' });
    const askedAt = performance.now();
    const answer = await shop.query(PAGE);
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(DEADLINE_MS);
    expectWithout(backend, 'TIMEOUT', answer, expectedOrders(20));
    await callOf(shop, backend, isAborted);
  },
);
