import { type Contender, tributary } from '../harness/contenders.ts';
import { withGzip } from '../harness/variants.ts';
import { orderPage, orderPageRest } from '../workloads/order-page.ts';
import { grpcOnly, nothing } from '../workloads/simple.ts';
import type { Workload } from '../workloads/workload.ts';

/** A kind of request that is counted. */
export interface Accounted {
  readonly name: string;
  readonly title: string;
  readonly contender: Contender;
  readonly workload: Workload;
  /** Maximum of KiB allocated under load. Default: no promise. */
  readonly mostKib?: number;
}

const bare = (workload: Workload): Accounted => ({
  name: workload.name,
  title: workload.title,
  contender: tributary,
  workload,
});

export const accountedRequests: readonly Accounted[] = [
  { ...bare(orderPage), mostKib: 320 },
  {
    name: 'order-page-gzip',
    title: 'OrderPage with gRPC, for a browser with a token and gzip',
    contender: withGzip(tributary),
    workload: orderPage,
  },
  ...[orderPageRest, nothing, grpcOnly].map(bare),
];
