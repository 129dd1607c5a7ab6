import { z } from 'zod';
import type { Calls } from './rows.ts';

const Orders = z.array(
  z.object({
    id: z.string(),
    customerId: z.string(),
    status: z.enum(['PENDING', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED']),
    items: z.array(z.object({ productId: z.string(), quantity: z.int() })),
  }),
);
const Customers = z.array(z.object({ id: z.string(), name: z.string(), email: z.string() }));
const Products = z.array(z.object({ id: z.string(), name: z.string(), price: z.int() }));
const Stocks = z.array(z.object({ productId: z.string(), available: z.int(), warehouse: z.string() }));

/** The same calls, with every answer validated by zod. */
export const checkedCalls = (calls: Calls): Calls => ({
  orders: async (first, after) => Orders.parse(await calls.orders(first, after)),
  customers: async (ids) => Customers.parse(await calls.customers(ids)),
  products: async (ids) => Products.parse(await calls.products(ids)),
  stocks: async (ids) => Stocks.parse(await calls.stocks(ids)),
  lowStock: async (below, limit) => Stocks.parse(await calls.lowStock(below, limit)),
});
