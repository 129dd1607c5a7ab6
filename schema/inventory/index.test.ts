import { defineBackend } from 'tributary/backend';
import { reply, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import inventory from './index.ts';

/** Stands in for the module that has the weights of products. */
// biome-ignore lint/suspicious/noExplicitAny: a module this small needs no generated types
const scales = defineBackend<any>()({
  name: 'scales',
  typeDefs: {
    text: 'type Query { heavy: Product }  type Product { id: ID!  weight: Int }',
    file: import.meta.filename,
  },
  merge: { Product: { key: 'id' } },
  resolvers: {
    Query: { heavy: () => ({ id: 'p2' }) },
    Product: { weight: ({ id }: { id: string }) => ({ p1: 100, p2: 30_000 })[id] ?? null },
  },
});

const stock = scripted()
  .unary('ListLowStock', { stocks: [{ productId: 'p1', available: 1 }, { productId: 'p2' }, { productId: 'p3' }] })
  .unary('BatchGetStock', { stocks: [{ productId: 'p2', available: 3, warehouse: 'W1' }] });

test('a list of products costs one call for the list and one for all stocks, whatever its length', async () => {
  const gateway = testBackend(inventory, { stock }, { beside: [scales] });
  const { data } = await gateway.query('{ lowStock(below: 4) { id inStock stock { available warehouse } } }');
  expect(data).toEqual({
    lowStock: [
      { id: 'p1', inStock: false, stock: null },
      { id: 'p2', inStock: true, stock: { available: 3, warehouse: 'W1' } },
      { id: 'p3', inStock: false, stock: null },
    ],
  });
  expect(gateway.calls).toEqual([
    'inventory.stock inventory.v1.Inventory/ListLowStock',
    'inventory.stock inventory.v1.Inventory/BatchGetStock',
  ]);
});

test('a list of the first 0 products sends the 0, which proto3 would leave out', async () => {
  const limits = scripted().unary('ListLowStock', ({ body }) => ({
    stocks: [{ productId: `p${Object(body).limit}` }],
  }));
  const gateway = testBackend(inventory, { stock: limits }, { beside: [scales] });
  expect((await gateway.query('{ lowStock(first: 0) { id } }')).data).toEqual({ lowStock: [{ id: 'p0' }] });
});

test('deliveryDays depends on the weight, and is null for an unknown weight', async () => {
  const gateway = testBackend(inventory, { stock }, { beside: [scales] });
  const { data } = await gateway.query('{ lowStock { deliveryDays } }');
  expect(data.lowStock).toEqual([{ deliveryDays: 2 }, { deliveryDays: 5 }, { deliveryDays: null }]);
});

test('a reservation that exceeds the stock fails with OUT_OF_STOCK and the available quantity', async () => {
  const short = scripted().unary('Reserve', { reserved: false, available: 2 });
  const principal = signedIn({ scopes: ['stock:write'] });
  const gateway = testBackend(inventory, { stock: short }, { beside: [scales], principal });
  const { data, errors } = await gateway.query(
    'mutation { reserveStock(input: { productId: "p1", quantity: 3, clientMutationId: "m1" }) { reservationId } }',
  );
  expect(data).toEqual({ reserveStock: null });
  expect(errors).toMatchObject([
    { path: ['reserveStock'], extensions: { code: 'OUT_OF_STOCK', details: { available: 2 } } },
  ]);
});

test('an unavailable warehouse nulls only the fields that it serves', async () => {
  const down = stock.unary('BatchGetStock', reply({ status: 14 }));
  const gateway = testBackend(inventory, { stock: down }, { beside: [scales] });
  const { data, errors } = await gateway.query('{ lowStock(first: 1) { id stock { available } deliveryDays } }');
  expect(data.lowStock[0]).toEqual({ id: 'p1', stock: null, deliveryDays: 2 });
  expect(errors?.map(({ path, extensions }) => [path?.join('.'), extensions?.code])).toEqual(
    [0, 1, 2].map((index) => [`lowStock.${index}.stock`, 'SERVICE_UNAVAILABLE']),
  );
});
