import {
  apolloStitched,
  type Contender,
  fastify,
  fastifyFull,
  hive,
  mercurius,
  tributary,
} from './harness/contenders.ts';
import { type Result, ratioOf } from './harness/measure.ts';
import { bootstrap, ratios } from './harness/statistics.ts';
import { ratioApart, withBrowser, withGzip, withLimits } from './harness/variants.ts';
import type { Reached } from './report/verdicts.ts';
import type { StackCost } from './stack/cost.ts';
import { orderPage, orderPageRest } from './workloads/order-page.ts';
import { largePage, nothing } from './workloads/simple.ts';
import type { Workload } from './workloads/workload.ts';

interface Promised {
  readonly workload: Workload;
  readonly rival: Contender;
  /** The highest allowed CPU of a request, as a multiple of the rival's. */
  readonly most: number;
}

const PROMISED: readonly Promised[] = [
  { workload: orderPage, rival: fastify, most: 1.25 },
  { workload: orderPage, rival: fastifyFull, most: 1 },
  { workload: orderPage, rival: mercurius, most: 0.85 },
  { workload: orderPage, rival: apolloStitched, most: 0.15 },
  { workload: orderPage, rival: hive, most: 0.15 },
  { workload: orderPageRest, rival: fastify, most: 1.7 },
  { workload: nothing, rival: mercurius, most: 1.5 },
];

/** The highest allowed cost of a browser with a token and gzip, relative to one without both; without gzip itself. */
const MAX_RATIO_OF_TOKEN_AND_GZIP = 1.15;

/** The highest allowed CPU of a page with all limits, relative to one with the limit of clients alone. */
const MAX_RATIO_OF_LIMITS = 1.1;

/** The highest allowed cost of 2,000 orders relative to 20: a tenth above linear growth. */
const MAX_GROWTH = 110;

/** Costs of the stack by protocol, of `stackCosts`. */
const STACK_MOST = [1.2, 0.5] as const;

/** CPU of a request to a route of 10 KiB, relative to HAProxy's: 0.4 of its requests a second. */
export const MAX_RATIO_OF_ROUTES = 2.5;

/** CPU of TLS, relative to NGINX's: a handshake, and a MiB of a file over a version of HTTP. */
export const mostOfTls = (title: string): number => (title.startsWith('handshakes') ? 1.75 : 2.5);

/** The highest allowed CPU of authenticating one request, in microseconds; null without a promise. */
export const mostUsOfCredential = (name: string): number | null => {
  if (name.startsWith('API key, right')) return 20;
  return name === 'session, known' ? 15 : null;
};

const cpuUsIn = (results: readonly Result[], workload: Workload): readonly number[] | undefined =>
  results.find((result) => result.workload === workload)?.measured.find(({ contender }) => contender === tributary)
    ?.cpuUsByRound;

const growth = (results: readonly Result[]): readonly Reached[] => {
  const [large, small] = [cpuUsIn(results, largePage), cpuUsIn(results, orderPage)];
  if (large === undefined || small === undefined) return [];
  return [{ what: '2,000 orders: 20 orders', ratio: bootstrap(ratios(large, small)), most: MAX_GROWTH }];
};

const ofClients = (clients: Result | null): readonly Reached[] => {
  if (clients === null) return [];
  const ratio = ratioApart(clients, withGzip(tributary), withBrowser(tributary));
  return [
    { what: 'token and gzip, gzip itself apart: neither', ratio, most: MAX_RATIO_OF_TOKEN_AND_GZIP },
    {
      what: 'all limits: the limit of clients alone',
      ratio: ratioApart(clients, withLimits(tributary), tributary),
      most: MAX_RATIO_OF_LIMITS,
    },
  ];
};

/** Every promise that these results can tell about; `clients` are those of OrderPage by client. */
export const reached = (
  results: readonly Result[],
  clients: Result | null,
  stack: readonly StackCost[],
): readonly Reached[] => [
  ...PROMISED.flatMap(({ workload, rival, most }) => {
    const result = results.find((one) => one.workload === workload);
    const ratio = result === undefined ? null : ratioOf(result, tributary, rival);
    return ratio === null ? [] : [{ what: `${workload.title}: ${rival.title}`, ratio, most }];
  }),
  ...ofClients(clients),
  ...growth(results),
  ...stack.flatMap(({ layers, bare, ratio }, at) => {
    const most = STACK_MOST[at];
    return most === undefined ? [] : [{ what: `${layers.name}: ${bare.name}`, ratio, most }];
  }),
];
