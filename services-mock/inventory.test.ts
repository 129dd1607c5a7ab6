import { expect, test } from 'vitest';
import { rows, stock } from './fixtures.ts';
import { callsOf, grpcClient, mockFor } from './test-clients.ts';

const known = rows(1_000, stock).filter((row) => row !== null);
const unknownId = `p${rows(1_000, stock).indexOf(null) + 1}`;

test('stock is answered in another order, without unknown products and duplicates', async () => {
  const mock = await mockFor('inventory');
  const call = grpcClient(mock);
  const asked = known.slice(0, 30).map(({ productId }) => productId);
  const { code, message } = await call('BatchGetStock', { productIds: [...asked, asked[0], unknownId, 'x'] });
  expect(code).toBe(0);
  const { stocks } = Object(message);
  expect(stocks).not.toEqual(known.slice(0, 30));
  expect(new Set(stocks)).toEqual(new Set(known.slice(0, 30)));
  expect(stocks).toHaveLength(30);
  expect(await callsOf(mock)).toMatchObject([
    { method: 'UNARY', route: 'inventory.v1.Inventory/BatchGetStock', status: 0, aborted: false },
  ]);
  expect((await callsOf(mock))[0]?.ids).toEqual([...asked, asked[0], unknownId, 'x']);
});

test('low stock is listed scarcest first, up to `first`', async () => {
  const call = grpcClient(await mockFor('inventory'));
  const { message } = await call('ListLowStock', { below: 5, limit: 7 });
  const { stocks } = Object(message);
  const available = stocks.map((row: { available: number }) => row.available);
  expect(stocks).toHaveLength(7);
  expect(available).toEqual(available.toSorted());
  expect(Math.max(...available)).toBeLessThan(5);
  expect(Object((await call('ListLowStock', { below: 5 })).message).stocks).toHaveLength(20);
  expect(Object((await call('ListLowStock', { below: 5, limit: 0 })).message).stocks).toHaveLength(0);
});

test('a reservation reduces the stock once, however often it is repeated', async () => {
  const call = grpcClient(await mockFor('inventory'));
  const [row] = known.filter(({ available }) => available > 5);
  const productId = row?.productId ?? '';
  const available = row?.available ?? 0;
  const reserve = (requestId: string, quantity: number) => call('Reserve', { productId, quantity, requestId });
  const first = await reserve('a', 2);
  expect(first.message).toEqual({ reserved: true, reservationId: 'r1', available: available - 2 });
  expect((await reserve('a', 2)).message).toEqual(first.message);
  expect((await reserve('b', 1_000)).message).toEqual({ reserved: false, reservationId: '', available: available - 2 });
  const { message } = await call('BatchGetStock', { productIds: [productId] });
  expect(Object(message).stocks).toEqual([{ ...row, available: available - 2 }]);
});

test('a reservation of nothing or of an unknown product fails with its status', async () => {
  const call = grpcClient(await mockFor('inventory'));
  expect((await call('Reserve', { productId: 'p1', quantity: 0, requestId: 'a' })).code).toBe(3);
  expect((await call('Reserve', { productId: unknownId, quantity: 1, requestId: 'b' })).code).toBe(5);
});

test('health is answered and not logged', async () => {
  const mock = await mockFor('inventory');
  expect((await grpcClient(mock)('Check', {})).message).toEqual({ status: 'SERVING' });
  expect(await callsOf(mock)).toEqual([]);
});

test('a message may have 16 MiB and not more', async () => {
  const call = grpcClient(await mockFor('inventory'));
  const mebibytes = (count: number) => ({ productIds: ['x'.repeat(count * 1_048_576 - 100)] });
  expect((await call('BatchGetStock', mebibytes(16))).message).toEqual({ stocks: [] });
  expect((await call('BatchGetStock', mebibytes(17))).code).toBe(8);
});
