import { expect, test } from 'vitest';
import { SHOP } from '../test/support/gateway.ts';
import { rest } from './backend/upstreams.ts';
import { systemClock } from './clock.ts';
import { endpointAt } from './upstream/endpoint.ts';
import { connectAll, impatienceWarnings } from './upstreams.ts';

test('who gives a request no more time than one attempt may take is told of every upstream where that is so', () => {
  expect(impatienceWarnings(SHOP, 10_000)).toEqual([]);
  const [orders, ...others] = SHOP;
  if (orders === undefined) throw new Error('the shop has no modules');
  const quick = { ...orders, upstreams: { api: rest({ timeoutMs: 500 }), slow: rest({ timeoutMs: 3_000 }) } };
  const told = impatienceWarnings([quick, ...others], 2_500);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`one attempt of ${orders.name}.slow may take 3000 ms`);
});

test('endpoints are counted in every state: a gauge keeps what it was last told', async () => {
  const origins = ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((url) => ({
    endpoint: endpointAt(url),
    by: 'address' as const,
  }));
  const [orders] = SHOP.filter(({ name }) => name === 'orders');
  if (orders === undefined) throw new Error('the shop has no orders');
  const upstreams = connectAll([orders], new Map([['ORDERS_ORDERS_ENDPOINTS', origins]]), { clock: systemClock });
  const counts = () => Object.fromEntries(upstreams.endpoints().map(({ state, count }) => [state, count]));
  const none = { avoided: 0, down: 0, open: 0, 'half-open': 0, draining: 0 };
  const drain = { is: 'drain' } as const;
  const one = {
    upstream: 'orders.orders',
    endpoint: 'http://127.0.0.1:1',
    action: drain,
    reason: 'x',
    expiresInMs: 9_000,
  };
  upstreams.overrides.replace([one]);
  expect(counts()).toEqual({ ...none, up: 1, drained: 1 });
  upstreams.overrides.replace([]);
  expect(counts()).toEqual({ ...none, up: 2, drained: 0 });
  await upstreams.close();
});
