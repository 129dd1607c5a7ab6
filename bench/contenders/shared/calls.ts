import { fileURLToPath } from 'node:url';
import { Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Pool } from 'undici';
import { inChunks, MOST } from './chunks.ts';
import { BACKENDS } from './environment.ts';
import type { Calls, CustomerRow, OrderRow, ProductRow, StockRow } from './rows.ts';

const PROTO = fileURLToPath(new URL('../../../schema/inventory/inventory.proto', import.meta.url));
const DEADLINE_MS = 10_000;

const getFrom = (origin: string) => {
  const pool = new Pool(origin, { connections: 256 });
  return async <Rows>(path: string): Promise<Rows> => {
    const { statusCode, body } = await pool.request({ path, method: 'GET' });
    if (statusCode === 200) return (await body.json()) as Rows; // the backend's word, as most people take it
    await body.dump();
    throw new Error(`${path.split('?')[0]} answered with status ${statusCode}`);
  };
};

interface Stocks {
  readonly stocks: readonly StockRow[];
}

const stockClient = () => {
  const loaded = loadPackageDefinition(loadSync(PROTO, { defaults: true }));
  // Written down in the .proto: proto-loader knows it only as a tree of names.
  const { Inventory } = (loaded.inventory as unknown as { v1: { Inventory: ServiceClientConstructor } }).v1;
  const client = new Client(new URL(BACKENDS.stock).host, credentials.createInsecure());
  return (name: 'BatchGetStock' | 'ListLowStock', request: object): Promise<Stocks> =>
    new Promise((resolve, reject) => {
      const method = Inventory.service[name];
      if (method === undefined) throw new Error(`inventory.proto has no ${name}`);
      const { path, requestSerialize, responseDeserialize } = method;
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline: Date.now() + DEADLINE_MS },
        (error, value: Stocks | undefined) => {
          if (error === null && value !== undefined) resolve(value);
          else reject(error ?? new Error(`${name} gave no message`));
        },
      );
    });
};

/** The backends by undici's `request` and @grpc/grpc-js, called as their docs recommend. */
export const openCalls = (): Calls => {
  const ordersFrom = getFrom(BACKENDS.orders);
  const customersFrom = getFrom(BACKENDS.customers);
  const productsFrom = getFrom(BACKENDS.products);
  const stock = stockClient();
  return {
    orders: (first, after) =>
      ordersFrom<OrderRow[]>(`/orders?limit=${first}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`),
    customers: (ids) =>
      inChunks(ids, MOST.customers, (some) =>
        customersFrom<CustomerRow[]>(`/customers?ids=${encodeURIComponent(some.join(','))}`),
      ),
    products: (ids) =>
      inChunks(ids, MOST.products, (some) =>
        productsFrom<ProductRow[]>(`/products?ids=${encodeURIComponent(some.join(','))}`),
      ),
    stocks: (ids) =>
      inChunks(ids, MOST.stocks, async (productIds) => (await stock('BatchGetStock', { productIds })).stocks),
    lowStock: async (below, limit) => (await stock('ListLowStock', { below, limit })).stocks,
  };
};
