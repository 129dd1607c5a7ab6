import { fileURLToPath } from 'node:url';
import { type Dispatcher, Pool } from 'undici';
import { systemClock } from '../../../src/core/clock.ts';
import { loadProto } from '../../../src/protobuf/load-proto.ts';
import { endpointAt } from '../../../src/upstream/endpoints/endpoint.ts';
import { grpcTransport } from '../../../src/upstream/grpc/transport.ts';
import { inChunks, MOST } from './chunks.ts';
import { BACKENDS } from './environment.ts';
import type { Calls, CustomerRow, OrderRow, ProductRow, StockRow } from './rows.ts';

const PROTO = fileURLToPath(new URL('../../../schema/inventory/inventory.proto', import.meta.url));
const DEADLINE_MS = 10_000;

/** One answer of undici's dispatch, with no stream in between. */
class Reading implements Dispatcher.DispatchHandler {
  readonly #done: (body: Buffer) => void;
  readonly #failed: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #status = 0;

  constructor(done: (body: Buffer) => void, failed: (error: Error) => void) {
    this.#done = done;
    this.#failed = failed;
  }

  // undici refuses a handler without it.
  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    if (this.#status !== 200) this.#failed(new Error(`a backend answered with status ${this.#status}`));
    else this.#done(this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#failed(error);
  }
}

const getFrom = (origin: string) => {
  const pool = new Pool(origin, { connections: 256 });
  return <Rows>(path: string): Promise<Rows> =>
    new Promise((resolve, reject) => {
      const done = (body: Buffer) => resolve(JSON.parse(body.toString('utf8')) as Rows); // the backend's word
      pool.dispatch({ path, method: 'GET' }, new Reading(done, reject));
    });
};

const stockClient = () => {
  const endpoint = endpointAt(BACKENDS.stock);
  const { methods } = loadProto(PROTO).service('inventory.v1.Inventory');
  const { send } = grpcTransport({ clock: systemClock, maxResponseBytes: 16 * 1_048_576, connectTimeoutMs: 1_000 });
  return async (name: 'batchGetStock' | 'listLowStock', request: object): Promise<readonly StockRow[]> => {
    const method = methods.find((one) => one.name === name);
    if (method === undefined) throw new Error(`inventory.proto has no ${name}`);
    const { value } = await send({
      upstream: 'floor.stock',
      route: method.route,
      idempotent: true,
      principalKey: 'anonymous',
      headers: {},
      message: { protocol: 'grpc', path: method.path, request: method.encode(request), decode: method.decode },
      deadline: systemClock.now() + DEADLINE_MS,
      signal: new AbortController().signal,
      request: null,
      attempt: 1,
      endpoint,
    });
    return (value as { stocks: readonly StockRow[] }).stocks; // what inventory.proto says
  };
};

/** The backends by the cheapest ways that Node has: undici's dispatch, and this project's gRPC client without its stack. */
export const openBareCalls = (): Calls => {
  const ordersFrom = getFrom(BACKENDS.orders);
  const customersFrom = getFrom(BACKENDS.customers);
  const productsFrom = getFrom(BACKENDS.products);
  const stock = stockClient();
  return {
    orders: (first, after) =>
      ordersFrom<OrderRow[]>(`/orders?limit=${first}${after === null ? '' : `&after=${after}`}`),
    customers: (ids) =>
      inChunks(ids, MOST.customers, (some) => customersFrom<CustomerRow[]>(`/customers?ids=${some.join(',')}`)),
    products: (ids) =>
      inChunks(ids, MOST.products, (some) => productsFrom<ProductRow[]>(`/products?ids=${some.join(',')}`)),
    stocks: (ids) => inChunks(ids, MOST.stocks, (productIds) => stock('batchGetStock', { productIds })),
    lowStock: (below, limit) => stock('listLowStock', { below, limit }),
  };
};
