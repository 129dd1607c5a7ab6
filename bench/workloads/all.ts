import { orderPage, orderPageIdentical, orderPageRest } from './order-page.ts';
import { grpcOnly, largePage, list, nothing } from './simple.ts';
import type { Workload } from './workload.ts';

const WORKLOADS: readonly Workload[] = [
  orderPage,
  orderPageRest,
  orderPageIdentical,
  nothing,
  list,
  grpcOnly,
  largePage,
];

/** @throws Error that lists the names */
export const workloadNamed = (name: string): Workload => {
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload !== undefined) return workload;
  throw new Error(`Unknown workload ${name}. Use one of ${WORKLOADS.map((one) => one.name).join(', ')}.`);
};
