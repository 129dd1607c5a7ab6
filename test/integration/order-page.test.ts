import { expect, test } from 'vitest';
import { BACKEND_NAMES } from '../../services-mock/start.ts';
import {
  customerRow,
  expectedOrders,
  idsOn,
  orderPageDocument,
  ordersOf,
  productRow,
} from '../support/gateway/expected-page.ts';
import { type LoggedCall, type Shop, startGatewayProcess, startShop } from '../support/gateway/gateway.ts';

/** Number of calls that each backend received. */
const counts = async (shop: Shop): Promise<Record<string, number>> => {
  const calls = await shop.calls();
  return Object.fromEntries(BACKEND_NAMES.map((name) => [name, calls[name].length]));
};

const idsIn = (calls: readonly LoggedCall[]): string[] => calls.flatMap(({ ids }) => ids);

/** Every one of these ids was requested exactly once, and no other. */
const expectOnce = (calls: readonly LoggedCall[], ids: ReadonlySet<string>): void => {
  const asked = idsIn(calls);
  expect(new Set(asked)).toEqual(ids);
  expect(asked).toHaveLength(ids.size);
};

const BULK = {
  accounts: 'GET /customers',
  catalog: 'GET /products',
  orders: 'GET /orders',
  inventory: 'inventory.v1.Inventory/BatchGetStock',
};

for (const [where, first, start] of [
  ['in this process', 20, undefined],
  ['in a separate process', 500, startGatewayProcess],
] as const)
  test(`a page of ${first} orders costs one call to each of the four backends, ${where}`, async () => {
    await using shop = await startShop(start === undefined ? {} : { start });
    const { status, data, errors } = await shop.query(orderPageDocument(first));
    const page = expectedOrders(first);
    expect({ status, errors, data }).toEqual({ status: 200, errors: [], data: { orders: page } });

    const calls = await shop.calls();
    for (const name of BACKEND_NAMES) expect(calls[name].map(({ route }) => route)).toEqual([BULK[name]]);
    const { customers, products } = idsOn(page);
    expectOnce(calls.accounts, customers);
    expectOnce(calls.catalog, products);
    expectOnce(calls.inventory, products);
    expect(calls.orders[0]?.path).toBe(`/orders?limit=${first}`);
  });

test('keys beyond maxSize are requested in as few calls as possible', async () => {
  await using shop = await startShop({ sizes: { products: 5_000, customers: 5_000 } });
  const { data, errors } = await shop.query(orderPageDocument(1_000));
  const page = expectedOrders(1_000, shop.sizes);
  expect({ errors, data }).toEqual({ errors: [], data: { orders: page } });

  const { customers, products } = idsOn(page);
  // maxSize of the modules: 1,500 products, 500 customers.
  expect(products.size).toBe(3_000);
  expect(customers.size).toBe(901);
  expect(await counts(shop)).toEqual({ accounts: 2, catalog: 2, orders: 1, inventory: 2 });
  const calls = await shop.calls();
  for (const { ids } of [...calls.catalog, ...calls.inventory]) expect(ids).toHaveLength(1_500);
  expectOnce(calls.accounts, customers);
  expectOnce(calls.catalog, products);
  expectOnce(calls.inventory, products);
});

/** The same entities at two depths, in every kind of selection, each with other fields. */
const ENTANGLED = `
  query Entangled {
    orders(first: 10) {
      ...Bought
      who: customer { name ...Orders }
      customer { id email }
    }
    again: orders(first: 10) {
      items { product { kind: category inStock } }
      ... on Order { customer { ... { since } } }
    }
  }
  fragment Bought on Order { id items { quantity product { name price stock { available } } } }
  fragment Orders on Customer {
    orders(first: 3) { id items { product { id title: name weight stock { warehouse } } } }
  }
`;

const entangled = () => {
  const page = expectedOrders(10);
  const earlier = (customerId: string) =>
    ordersOf(customerId, 3).map(({ id, items }) => ({
      id,
      items: items.map(({ productId }) => {
        const { name: title, weight, stock } = productRow(productId);
        return { product: { id: productId, title, weight, stock: stock && { warehouse: stock.warehouse } } };
      }),
    }));
  return {
    orders: page.map(({ id, customer, items }) => ({
      id,
      items: items.map(({ quantity, product: { name, price, stock } }) => ({
        quantity,
        product: { name, price, stock },
      })),
      who: { name: customer.name, orders: earlier(customer.id) },
      customer: { id: customer.id, email: customer.email },
    })),
    again: page.map(({ customer, items }) => ({
      items: items.map(({ product: { id } }) => {
        const { category, stock } = productRow(id);
        return { product: { kind: category, inStock: (stock?.available ?? 0) > 0 } };
      }),
      customer: { since: customerRow(customer.id).since },
    })),
  };
};

test('aliases and fragments at different depths request each entity once per backend', async () => {
  await using shop = await startShop();
  const { data, errors } = await shop.query(ENTANGLED);
  expect({ errors, data }).toEqual({ errors: [], data: entangled() });

  const { customers, products } = idsOn(expectedOrders(10));
  const deeper = [...customers].flatMap((id) => ordersOf(id, 3).flatMap(({ items }) => items));
  const all = new Set([...products, ...deeper.map(({ productId }) => productId)]);
  const calls = await shop.calls();
  expectOnce(calls.accounts, customers);
  expectOnce(calls.catalog, all);
  expectOnce(calls.inventory, all);
  // Both lists of orders share one read, and the orders of all customers share another. Products arrive in two waves:
  // those of the lists immediately, those of the customers' orders after accounts has answered.
  expect(await counts(shop)).toEqual({ accounts: 1, catalog: 2, orders: 2, inventory: 2 });
});

test("a customer's own page costs one call to each backend", async () => {
  await using shop = await startShop();
  const { data, errors } = await shop.query(
    '{ customer(id: "c7") { name orders { id items { product { name stock { available } } } } } }',
  );
  const orders = ordersOf('c7', 10).map(({ id, items }) => ({
    id,
    items: items.map(({ productId }) => {
      const { name, stock } = productRow(productId);
      return { product: { name, stock: stock && { available: stock.available } } };
    }),
  }));
  expect(orders).toHaveLength(10);
  expect({ errors, data }).toEqual({ errors: [], data: { customer: { name: customerRow('c7').name, orders } } });
  expect(await counts(shop)).toEqual({ accounts: 1, catalog: 1, orders: 1, inventory: 1 });
});

test('plain resolvers of 20 root fields share one loader call', async () => {
  await using shop = await startShop();
  const ids = Array.from({ length: 20 }, (_, at) => `c${at + 1}`);
  const { data, errors } = await shop.query(
    `{ ${ids.map((id) => `${id}: customer(id: "${id}") { name }`).join(' ')} }`,
  );
  const names = ids.map((id) => [id, { name: customerRow(id).name }]);
  expect({ errors, data }).toEqual({ errors: [], data: Object.fromEntries(names) });
  expect(await counts(shop)).toEqual({ accounts: 1, catalog: 0, orders: 0, inventory: 0 });
  expectOnce((await shop.calls()).accounts, new Set(ids));
});

test('two lists of one customer with different lengths cost one call, and each has its length', async () => {
  await using shop = await startShop();
  const { data, errors } = await shop.query(
    '{ customer(id: "c7") { few: orders(first: 2) { id } more: orders(first: 5) { id } none: orders(first: 0) { id } } }',
  );
  const own = (first: number) => ordersOf('c7', first).map(({ id }) => ({ id }));
  expect({ errors, data }).toEqual({
    errors: [],
    data: { customer: { few: own(2), more: own(5), none: [] } },
  });
  // The call to accounts checks that the customer exists.
  expect(await counts(shop)).toEqual({ accounts: 1, catalog: 0, orders: 1, inventory: 0 });
});

test('orders of more customers than maxSize cost as few calls as possible', async () => {
  await using shop = await startShop({ sizes: { customers: 5_000 } });
  const { data, errors } = await shop.query('{ orders(first: 500) { customer { orders(first: 1) { id } } } }');
  const rows = expectedOrders(500, shop.sizes).map(({ customer: { id } }) => ({
    customer: { orders: ordersOf(id, 1, shop.sizes).map((row) => ({ id: row.id })) },
  }));
  expect({ errors, data }).toEqual({ errors: [], data: { orders: rows } });
  const { customers } = idsOn(expectedOrders(500, shop.sizes));
  const [list, ...bulks] = (await shop.calls()).orders;
  expect(list?.path).toBe('/orders?limit=500');
  expectOnce(bulks, customers);
  // maxSize of the module: 200.
  expect(bulks.map(({ ids }) => ids.length)).toEqual([200, 200, customers.size - 400]);
});

test('an empty list makes no calls for its fields', async () => {
  await using shop = await startShop();
  const { data, errors } = await shop.query('{ orders(first: 0) { id customer { name } items { product { name } } } }');
  expect({ errors, data }).toEqual({ errors: [], data: { orders: [] } });
  expect(await counts(shop)).toEqual({ accounts: 0, catalog: 0, orders: 1, inventory: 0 });
});
