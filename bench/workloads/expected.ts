import type { Order } from '../../services-mock/fixtures.ts';
import { customersOf, lowStockOf, ordersPage, productsOf, stocksOf } from '../backends/data.ts';

const product = (id: string, withStock: boolean) => {
  const [row] = productsOf([id]);
  const known = { id, name: row?.name ?? null, price: row?.price ?? null };
  if (!withStock) return known;
  const [stock] = stocksOf([id]);
  return { ...known, stock: stock === undefined ? null : { available: stock.available } };
};

const customer = (id: string) => {
  const [row] = customersOf([id]);
  return { id, name: row?.name ?? null, email: row?.email ?? null };
};

const pageRow = ({ id, status, customerId, items }: Order, withStock: boolean) => ({
  id,
  status,
  customer: customer(customerId),
  items: items.map(({ productId, quantity }) => ({ quantity, product: product(productId, withStock) })),
});

/** The rows of a page of orders, with all that OrderPage asks for. */
export const pageRows = (first: number, after: string | null, withStock: boolean) =>
  ordersPage(first, after).map((order) => pageRow(order, withStock));

export const listRows = (first: number, after: string | null) =>
  ordersPage(first, after).map(({ id, status, items }) => ({
    id,
    status,
    items: items.map(({ quantity }) => ({ quantity })),
  }));

export const lowStockRows = (below: number, first: number) =>
  lowStockOf(below, first).map((id) => {
    const [stock] = stocksOf([id]);
    return { id, stock: stock === undefined ? null : { available: stock.available, warehouse: stock.warehouse } };
  });
