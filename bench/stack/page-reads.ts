import { ordersPage, SIZES } from '../backends/data.ts';
import type { Endpoints } from '../backends/messages.ts';

/** A REST call of OrderPage. */
export interface PageRead {
  /** Variable of the endpoint. */
  readonly variable: string;
  readonly route: string;
  readonly target: string;
}

/** Variable of the gRPC endpoint. */
export const STOCK = 'INVENTORY_STOCK_ENDPOINTS';

const PAGE = 20;
/** More than are in flight at one time, so that no two concurrent calls are the same. */
const PAGES = 500;

const pageReads = (after: string): readonly PageRead[] => {
  const orders = ordersPage(PAGE, after);
  const customerIds = new Set(orders.map(({ customerId }) => customerId));
  const read = (variable: string, path: string, query: string): PageRead => ({
    variable,
    route: `GET ${path}`,
    target: `${path}?${query}`,
  });
  const ids = (values: Iterable<string>): string => `ids=${encodeURIComponent([...values].join(','))}`;
  return [
    read('ORDERS_ORDERS_ENDPOINTS', '/orders', `limit=${PAGE}&after=${after}`),
    read('ACCOUNTS_CUSTOMERS_ENDPOINTS', '/customers', ids(customerIds)),
    read('CATALOG_PRODUCTS_ENDPOINTS', '/products', ids(productIdsOf(after))),
  ];
};

const productIdsOf = (after: string): readonly string[] => [
  ...new Set(ordersPage(PAGE, after).flatMap(({ items }) => items.map(({ productId }) => productId))),
];

const AFTER = Array.from({ length: PAGES }, (_, at) => `o${SIZES.orders - at * PAGE}`);

/** The REST calls of all pages, page by page. Made before anything is measured. */
export const PAGE_READS: readonly PageRead[] = AFTER.flatMap(pageReads);

/** The keys of the gRPC call of each page. */
export const PAGE_PRODUCT_IDS: readonly (readonly string[])[] = AFTER.map(productIdsOf);

/** @throws Error without such an endpoint */
export const addressIn = (endpoints: Endpoints, variable: string): string => {
  const address = endpoints[variable];
  if (address === undefined) throw new Error(`The backends have no ${variable}.`);
  return address;
};
