import { customer, numberOf, type Order, order, product, type Sizes, stock } from '../../services-mock/fixtures.ts';

/** So many that neighbouring pages share no order, and few products. */
export const SIZES: Sizes = { customers: 10_000, products: 20_000, orders: 40_000 };

/** The rows of an id list; unknown ids are left out. */
const rowsOf = <Row>(prefix: 'c' | 'p', ids: readonly string[], row: (n: number) => Row): Row[] =>
  ids.map((id) => numberOf(prefix, id)).flatMap((n) => (n === null ? [] : [row(n)]));

/** Newest first, those older than `after` where it is given. */
export const ordersPage = (first: number, after: string | null): readonly Order[] => {
  const newest = after === null ? SIZES.orders : (numberOf('o', after) ?? 1) - 1;
  return Array.from({ length: Math.min(first, newest) }, (_, at) => order(newest - at, SIZES));
};

export const customersOf = (ids: readonly string[]) => rowsOf('c', ids, customer);

export const productsOf = (ids: readonly string[]) => rowsOf('p', ids, product);

/** Stock of products in the warehouses; unknown products are left out. */
export const stocksOf = (ids: readonly string[]) => rowsOf('p', ids, stock).filter((row) => row !== null);

/** Products from number `below * 100` on, for any caller: a list that differs with each argument. */
export const lowStockOf = (below: number, limit: number): readonly string[] =>
  Array.from({ length: limit }, (_, at) => `p${below * 100 + at + 1}`);
