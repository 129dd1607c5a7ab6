import { orderPage, orderPageRest } from '../workloads/order-page.ts';
import { grpcOnly, nothing } from '../workloads/simple.ts';
import type { Workload } from '../workloads/workload.ts';

/** Workloads whose requests are counted. */
export const accountedWorkloads: readonly Workload[] = [orderPage, orderPageRest, nothing, grpcOnly];
