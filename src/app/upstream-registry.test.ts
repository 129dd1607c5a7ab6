import { expect, test } from 'vitest';
import { SHOP } from '../../test/support/gateway/gateway.ts';
import { rest } from '../backend/define/upstream-options.ts';
import { systemClock } from '../core/clock.ts';
import { endpointAt } from '../upstream/endpoints/endpoint.ts';
import { connectAll, timeoutWarnings } from './upstream-registry.ts';

test('an upstream with a timeout not below that of requests causes a warning', () => {
  expect(timeoutWarnings(SHOP, 10_000)).toEqual([]);
  const [orders, ...others] = SHOP;
  if (orders === undefined) throw new Error('the shop has no modules');
  const quick = { ...orders, upstreams: { api: rest({ timeoutMs: 500 }), slow: rest({ timeoutMs: 3_000 }) } };
  const warnings = timeoutWarnings([quick, ...others], 2_500);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`timeoutMs of ${orders.name}.slow (3000)`);
});

test('endpoints are counted in every state, including zero, because a gauge keeps its last value', async () => {
  const sources = ['http://127.0.0.1:1', 'http://127.0.0.1:2'].map((url) => ({
    endpoint: endpointAt(url),
    by: 'address' as const,
  }));
  const [orders] = SHOP.filter(({ name }) => name === 'orders');
  if (orders === undefined) throw new Error('the shop has no orders');
  const upstreams = connectAll([orders], new Map([['ORDERS_ORDERS_ENDPOINTS', sources]]), { clock: systemClock });
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
