import { expect, test } from 'vitest';
import { SHOP } from '../test/support/gateway.ts';
import { rest } from './backend/upstreams.ts';
import { impatienceWarnings } from './upstreams.ts';

test('who gives a request no more time than one attempt may take is told of every upstream where that is so', () => {
  expect(impatienceWarnings(SHOP, 10_000)).toEqual([]);
  const [orders, ...others] = SHOP;
  if (orders === undefined) throw new Error('the shop has no modules');
  const quick = { ...orders, upstreams: { api: rest({ timeoutMs: 500 }), slow: rest({ timeoutMs: 3_000 }) } };
  const told = impatienceWarnings([quick, ...others], 2_500);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`one attempt of ${orders.name}.slow may take 3000 ms`);
});
