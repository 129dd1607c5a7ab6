import { SIZES } from '../backends/data.ts';
import { listRows, lowStockRows } from './expected.ts';
import { pages } from './order-page.ts';
import type { Asked, Workload } from './workload.ts';

const LISTED = 100;
const LISTS = 200;
const LOW = 60;
const THRESHOLDS = 190;
const LARGE = 2_000;
const LARGE_PAGES = 10;

/** A request without calls to backends. */
export const nothing: Workload = {
  name: 'nothing',
  title: 'W0: { __typename }',
  asked: [
    {
      query: '{ __typename }',
      variables: {},
      path: '/typename',
      expected: () => ({ data: { __typename: 'Query' } }),
    },
  ],
};

const LIST = `query Orders($first: Int!, $after: ID) {
  orders(first: $first, after: $after) { id status items { quantity } }
}`;

const askForList = (after: string): Asked => ({
  query: LIST,
  variables: { first: LISTED, after },
  path: `/orders?first=${LISTED}&after=${after}`,
  expected: () => ({ data: { orders: listRows(LISTED, after) } }),
});

/** One REST call, 100 rows with 300 below them. */
export const list: Workload = {
  name: 'list',
  title: 'W1: a REST list of 100 orders, unique keys',
  asked: Array.from({ length: LISTS }, (_, at) => askForList(`o${SIZES.orders - at * LISTED}`)),
};

const askForLowStock = (below: number): Asked => ({
  query: `query LowStock($below: Int!, $first: Int!) {
  lowStock(below: $below, first: $first) { id stock { available warehouse } }
}`,
  variables: { below, first: LOW },
  path: `/low-stock?below=${below}&first=${LOW}`,
  expected: () => ({ data: { lowStock: lowStockRows(below, LOW) } }),
});

/** Two gRPC calls, one after the other, of 60 rows each. */
export const grpcOnly: Workload = {
  name: 'grpc-only',
  title: 'W4: gRPC only, 60 rows, unique keys',
  asked: Array.from({ length: THRESHOLDS }, (_, at) => askForLowStock(at + 1)),
};

/** OrderPage with 2,000 orders: about a megabyte. */
export const largePage: Workload = {
  name: 'large-page',
  title: 'W5: OrderPage of 2,000 orders',
  asked: pages(LARGE, LARGE_PAGES, true),
  inFlight: 2,
};
