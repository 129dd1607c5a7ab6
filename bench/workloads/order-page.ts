import { SIZES } from '../backends/data.ts';
import { pageRows } from './expected.ts';
import type { Asked, Workload } from './workload.ts';

const PAGE = 20;
const PAGES = 500;

const queryFor = (stock: string): string => `query OrderPage($first: Int!, $after: ID) {
  orders(first: $first, after: $after) {
    id
    status
    customer { id name email }
    items {
      quantity
      product { id name price${stock} }
    }
  }
}`;

const WITH_STOCK = queryFor(' stock { available }');
const WITHOUT_STOCK = queryFor('');

/** A page of orders from the one after `after` on. */
export const askForPage = (first: number, after: string, withStock: boolean): Asked => ({
  query: withStock ? WITH_STOCK : WITHOUT_STOCK,
  variables: { first, after },
  path: `/order-page${withStock ? '' : '-without-stock'}?first=${first}&after=${after}`,
  expected: () => ({ data: { orders: pageRows(first, after, withStock) } }),
});

/** Pages that share no order. */
export const pages = (first: number, count: number, withStock: boolean): readonly Asked[] =>
  Array.from({ length: count }, (_, at) => askForPage(first, `o${SIZES.orders - at * first}`, withStock));

/** OrderPage over three REST backends and one gRPC backend, every request another page. */
export const orderPage: Workload = {
  name: 'order-page',
  title: 'OrderPage with gRPC, unique keys',
  asked: pages(PAGE, PAGES, true),
};

/** The same without stock: REST alone. */
export const orderPageRest: Workload = {
  name: 'order-page-rest',
  title: 'OrderPage, REST only, unique keys',
  asked: pages(PAGE, PAGES, false),
};

/** The same page again and again: identical calls in flight may be shared. */
export const orderPageIdentical: Workload = {
  name: 'order-page-identical',
  title: 'OrderPage with gRPC, identical keys',
  asked: pages(PAGE, 1, true),
};
