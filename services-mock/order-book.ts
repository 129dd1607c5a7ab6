import { numberOf, type Order, order, placedAt, rows, type Sizes } from './fixtures.ts';

/** The orders of one mock, with everything written since its start. */
export interface OrderBook {
  get(id: string): Order | undefined;
  /** Newest first, older than order number `before` if set. */
  newest(limit: number, before: number | null): readonly Order[];
  /** Newest first. */
  ofCustomer(customerId: string, limit: number): readonly Order[];
  place(customerId: string, items: Order['items']): Order;
  /** Returns the order in its new state. The id must exist. */
  cancel(existing: Order): Order;
}

export const orderBook = (sizes: Sizes): OrderBook => {
  const orders = rows(sizes.orders, (n) => order(n, sizes));
  const numbersByCustomer = new Map<string, number[]>();
  const index = (row: Order, n: number): void => {
    const numbers = numbersByCustomer.get(row.customerId);
    if (numbers === undefined) numbersByCustomer.set(row.customerId, [n]);
    else numbers.push(n);
  };
  for (const [at, row] of orders.entries()) index(row, at + 1);
  const at = (n: number): Order | undefined => orders[n - 1];

  return {
    get: (id) => at(numberOf('o', id) ?? 0),
    newest: (limit, before) => {
      const end = Math.min(orders.length, (before ?? Number.POSITIVE_INFINITY) - 1);
      return orders.slice(Math.max(0, end - limit), end).reverse();
    },
    ofCustomer: (customerId, limit) =>
      (numbersByCustomer.get(customerId) ?? [])
        .toReversed()
        .slice(0, limit)
        .flatMap((n) => at(n) ?? []),
    place: (customerId, items) => {
      const n = orders.length + 1;
      // Not the wall clock: two runs of one script yield the same rows.
      const placed: Order = { id: `o${n}`, customerId, status: 'PENDING', placedAt: placedAt(n, sizes), items };
      orders.push(placed);
      index(placed, n);
      return placed;
    },
    cancel: (existing) => {
      const cancelled: Order = { ...existing, status: 'CANCELLED' };
      orders[(numberOf('o', existing.id) ?? 0) - 1] = cancelled;
      return cancelled;
    },
  };
};
