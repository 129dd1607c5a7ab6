import { ordersPage, SIZES } from '../backends/data.ts';
import type { Asked, Workload } from './workload.ts';

/** JSON of so many orders has 10 KiB. */
const ORDERS = 49;
const LISTS = 200;

const askForList = (after: string): Asked => ({
  query: '',
  variables: {},
  path: `/orders?limit=${ORDERS}&after=${after}`,
  expected: () => ordersPage(ORDERS, after),
});

/** A pass-through route, which sends the answer of a backend as it is. */
export const passedList: Workload = {
  name: 'route',
  title: 'a pass-through route: a REST list of 10 KiB',
  asked: Array.from({ length: LISTS }, (_, at) => askForList(`o${SIZES.orders - at * ORDERS}`)),
};
