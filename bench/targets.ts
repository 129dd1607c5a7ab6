import { apolloStitched, type Contender, fastify, floor, hive, mercurius, tributary } from './harness/contenders.ts';
import { type Result, ratioOf } from './harness/measure.ts';
import { bootstrap, ratios } from './harness/statistics.ts';
import type { Reached } from './report/verdicts.ts';
import type { StackCost } from './stack/cost.ts';
import { orderPage, orderPageRest } from './workloads/order-page.ts';
import { largePage } from './workloads/simple.ts';
import type { Workload } from './workloads/workload.ts';

interface Promised {
  readonly workload: Workload;
  readonly rival: Contender;
  /** How many times the rival's CPU a request may cost. */
  readonly most: number;
}

const PROMISED: readonly Promised[] = [
  { workload: orderPage, rival: fastify, most: 0.8 },
  { workload: orderPage, rival: floor, most: 1.25 },
  { workload: orderPage, rival: mercurius, most: 0.7 },
  { workload: orderPage, rival: apolloStitched, most: 0.15 },
  { workload: orderPage, rival: hive, most: 0.15 },
  { workload: orderPageRest, rival: fastify, most: 1.15 },
];

/** What 2,000 orders may cost, of what 20 cost: a tenth more than in line. */
const MOST_GROWTH = 110;

/** By protocol, as `stackCosts` has them. */
const STACK_MOST = [1.2, 0.5] as const;

const cpuUsIn = (results: readonly Result[], workload: Workload): readonly number[] | undefined =>
  results.find((result) => result.workload === workload)?.measured.find(({ contender }) => contender === tributary)
    ?.cpuUsByRound;

const growth = (results: readonly Result[]): readonly Reached[] => {
  const [large, small] = [cpuUsIn(results, largePage), cpuUsIn(results, orderPage)];
  if (large === undefined || small === undefined) return [];
  return [{ what: '2,000 orders: 20 orders', ratio: bootstrap(ratios(large, small)), most: MOST_GROWTH }];
};

/** Every promise that these results can tell about. */
export const reached = (results: readonly Result[], stack: readonly StackCost[]): readonly Reached[] => [
  ...PROMISED.flatMap(({ workload, rival, most }) => {
    const result = results.find((one) => one.workload === workload);
    const ratio = result === undefined ? null : ratioOf(result, tributary, rival);
    return ratio === null ? [] : [{ what: `${workload.title}: ${rival.title}`, ratio, most }];
  }),
  ...growth(results),
  ...stack.flatMap(({ layers, bare, ratio }, at) => {
    const most = STACK_MOST[at];
    return most === undefined ? [] : [{ what: `${layers.name}: ${bare.name}`, ratio, most }];
  }),
];
