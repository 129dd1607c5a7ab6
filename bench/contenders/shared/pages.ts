import type { Calls, OrderRow } from './rows.ts';

interface Wanted {
  readonly first: number;
  readonly after: string | null;
  readonly withStock: boolean;
}

const productIdsOf = (orders: readonly OrderRow[]): readonly string[] => {
  const ids = new Set<string>();
  for (const { items } of orders) for (const { productId } of items) ids.add(productId);
  return [...ids];
};

/** The page of orders, assembled by hand for this one page. */
export const orderPage = async (calls: Calls, { first, after, withStock }: Wanted) => {
  const orders = await calls.orders(first, after);
  const productIds = productIdsOf(orders);
  const [customers, products, stocks] = await Promise.all([
    calls.customers([...new Set(orders.map(({ customerId }) => customerId))]),
    calls.products(productIds),
    withStock ? calls.stocks(productIds) : [],
  ]);
  const customerById = new Map(customers.map((row) => [row.id, row]));
  const productById = new Map(products.map((row) => [row.id, row]));
  const stockById = new Map(stocks.map((row) => [row.productId, row]));

  const customerOf = (id: string) => {
    const row = customerById.get(id);
    return { id, name: row?.name ?? null, email: row?.email ?? null };
  };
  const productOf = (id: string) => {
    const row = productById.get(id);
    const product = { id, name: row?.name ?? null, price: row?.price ?? null };
    if (!withStock) return product;
    const stock = stockById.get(id);
    return { ...product, stock: stock === undefined ? null : { available: stock.available } };
  };
  return {
    orders: orders.map(({ id, status, customerId, items }) => ({
      id,
      status,
      customer: customerOf(customerId),
      items: items.map(({ quantity, productId }) => ({ quantity, product: productOf(productId) })),
    })),
  };
};

/** A list of orders as they are. */
export const orderList = async (calls: Calls, first: number, after: string | null) => ({
  orders: (await calls.orders(first, after)).map(({ id, status, items }) => ({
    id,
    status,
    items: items.map(({ quantity }) => ({ quantity })),
  })),
});

/** Products that run low, with their stock. */
export const lowStock = async (calls: Calls, below: number, first: number) => {
  const ids = (await calls.lowStock(below, first)).map(({ productId }) => productId);
  const stockById = new Map((await calls.stocks(ids)).map((row) => [row.productId, row]));
  return {
    lowStock: ids.map((id) => {
      const stock = stockById.get(id);
      return { id, stock: stock === undefined ? null : { available: stock.available, warehouse: stock.warehouse } };
    }),
  };
};
