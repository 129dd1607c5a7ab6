import { type Contender, tributary } from '../harness/contenders.ts';
import { withGzip } from '../harness/variants.ts';
import { orderPage, orderPageRest } from '../workloads/order-page.ts';
import { passedList } from '../workloads/passed-list.ts';
import { grpcOnly, nothing } from '../workloads/simple.ts';
import type { Workload } from '../workloads/workload.ts';

/** A kind of request that is counted. */
export interface Accounted {
  readonly name: string;
  readonly title: string;
  readonly contender: Contender;
  readonly workload: Workload;
  /** Requests in one window. Default 100; 40 are enough for a request that allocates hundreds of KiB. */
  readonly window?: number;
  /** Maximum of KiB allocated under load. Default: no promise. */
  readonly mostKib?: number;
}

const bare = (workload: Workload): Accounted => ({
  name: workload.name,
  title: workload.title,
  contender: tributary,
  workload,
});

/** The gateway with one module, whose route passes to the backend of orders. */
const withRoute: Contender = {
  ...tributary,
  name: 'tributary-route',
  title: 'Tributary, a route',
  speaks: 'paths',
  env: {
    ...tributary.env,
    SCHEMA_DIR: 'bench/account/passing',
    // Of modules that are not there.
    ...{ ACCOUNTS_CUSTOMERS_ENDPOINTS: '', CATALOG_PRODUCTS_ENDPOINTS: '', INVENTORY_STOCK_ENDPOINTS: '' },
  },
};

export const accountedRequests: readonly Accounted[] = [
  { ...bare(orderPage), mostKib: 320, window: 40 },
  {
    name: 'order-page-gzip',
    title: 'OrderPage with gRPC, for a browser with a token and gzip',
    contender: withGzip(tributary),
    workload: orderPage,
    window: 40,
  },
  ...[orderPageRest, nothing, grpcOnly].map(bare),
  { ...bare(passedList), contender: withRoute },
];
