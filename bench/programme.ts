import {
  ALL,
  apolloPlain,
  type Contender,
  fastify,
  fastifyFull,
  mercurius,
  reference,
  tributary,
  yoga,
} from './harness/contenders.ts';
import { credentialCosts } from './harness/credential-costs.ts';
import { type Illness, illnessesOf } from './harness/ill.ts';
import { measure, type Result } from './harness/measure.ts';
import { memoryOver } from './harness/memory.ts';
import type { Bench, Plan } from './harness/rounds.ts';
import { withBrowser, withGzip, withLimits, withToken, withZstd } from './harness/variants.ts';
import { type Budget, budgetOf } from './profile/budget.ts';
import { type Garbage, garbageOf } from './profile/garbage.ts';
import { clientsSection, type Family } from './report/clients.ts';
import { credentialSection, credentialsReached } from './report/credentials.ts';
import { budgetSection, garbageSection, illnessSection, memorySection, stackSection } from './report/inside.ts';
import { routeSection, routesReached, tlsReached, tlsSection } from './report/peers.ts';
import { section } from './report/result.ts';
import { type Reached, verdicts } from './report/verdicts.ts';
import { routeCosts } from './routes/route-costs.ts';
import { stackCosts } from './stack/cost.ts';
import { MAX_RATIO_OF_ROUTES, mostOfTls, mostUsOfCredential, reached } from './targets.ts';
import { tlsCosts } from './tls/tls-costs.ts';
import { manyOperations } from './workloads/many-operations.ts';
import { orderPage, orderPageIdentical, orderPageRest } from './workloads/order-page.ts';
import { grpcOnly, largePage, list, nothing } from './workloads/simple.ts';
import type { Workload } from './workloads/workload.ts';

type Report = (part: string) => void;
type Entry = readonly [Workload, readonly Contender[]];

const WINDOW = { warmUpMs: 10_000, measureMs: 5_000 };

const QUICK: readonly Entry[] = [
  [orderPage, ALL],
  [orderPageRest, [tributary, fastify, fastifyFull]],
  [orderPageIdentical, [tributary, fastify, mercurius]],
  [nothing, [tributary, fastify, mercurius]],
];
const QUICK_CLIENTS: readonly Family[] = [
  { server: tributary, variants: [withBrowser, withToken, withGzip, withLimits].map((of) => of(tributary)) },
];

const SERVERS_OF_ONE_SCHEMA = [tributary, mercurius, yoga, apolloPlain];
const FULL: readonly Entry[] = [
  [orderPage, [...ALL, reference]],
  [orderPageRest, ALL],
  [orderPageIdentical, ALL],
  [nothing, ALL],
  [list, ALL],
  [grpcOnly, ALL],
  [largePage, ALL],
  [manyOperations(null), SERVERS_OF_ONE_SCHEMA],
  [manyOperations(100), SERVERS_OF_ONE_SCHEMA],
  [manyOperations(10), SERVERS_OF_ONE_SCHEMA],
];

const FULL_CLIENTS: readonly Family[] = [
  { server: tributary, variants: [withBrowser, withToken, withGzip, withZstd, withLimits].map((of) => of(tributary)) },
  { server: fastifyFull, variants: [withBrowser, withToken, withGzip, withZstd].map((of) => of(fastifyFull)) },
];

/** Measures each workload. One with a wrong answer is reported as not measured, and the others go on. */
const measured = async (
  entries: readonly Entry[],
  bench: Bench,
  plan: Plan,
  report: Report,
  sectionOf: (result: Result) => string = section,
) => {
  const results: Result[] = [];
  for (const [workload, contenders] of entries)
    try {
      const result = await measure(workload, contenders, bench, plan);
      report(sectionOf(result));
      results.push(result);
    } catch (error) {
      process.exitCode = 1;
      report(`## ${workload.title}\n\nNot measured. ${error instanceof Error ? error.message : String(error)}`);
    }
  return results;
};

const costIn = (results: readonly Result[], workload: Workload, wanted: Contender): number =>
  results.find((result) => result.workload === workload)?.measured.find(({ contender }) => contender === wanted)
    ?.cpuUs ?? Number.NaN;

/** CPU of a request by part, and the cost of its garbage, next to the hand-written endpoint. */
const inside = async (results: readonly Result[], bench: Bench, report: Report): Promise<void> => {
  const budgets: Budget[] = [];
  const garbage: Garbage[] = [];
  for (const contender of [tributary, fastify]) {
    budgets.push(await budgetOf(contender, orderPage, costIn(results, orderPage, contender), bench, WINDOW));
    garbage.push(await garbageOf(contender, orderPage, bench, WINDOW));
  }
  report(budgetSection(orderPage.title, budgets));
  report(garbageSection(garbage));
};

/** OrderPage as real clients request it; null after a wrong answer. */
const clients = async (families: readonly Family[], bench: Bench, plan: Plan, report: Report) => {
  const contenders = families.flatMap(({ server, variants }) => [server, ...variants]);
  const sectionOf = (result: Result): string => clientsSection(result, families);
  const [result = null] = await measured(
    [[orderPage, contenders]],
    bench,
    { ...plan, latencyMs: 0 },
    report,
    sectionOf,
  );
  return result;
};

/** Measures the gateway next to a proxy. A proxy that is not installed is reported, and the others go on. */
const besideProxy = async <T>(
  title: string,
  costsOf: () => Promise<T>,
  report: Report,
  sectionOf: (costs: T) => string,
) => {
  try {
    const costs = await costsOf();
    report(sectionOf(costs));
    return costs;
  } catch (error) {
    process.exitCode = 1;
    report(`## ${title}\n\nNot measured. ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
};

const routes = async (report: Report): Promise<readonly Reached[]> => {
  const costs = await besideProxy('A route of 10 KiB', routeCosts, report, routeSection);
  return costs === null ? [] : routesReached(costs, MAX_RATIO_OF_ROUTES);
};

const tls = async (report: Report): Promise<readonly Reached[]> => {
  const costs = await besideProxy('TLS', tlsCosts, report, tlsSection);
  return costs === null ? [] : tlsReached(costs, mostOfTls);
};

const credentials = async (report: Report): Promise<readonly Reached[]> => {
  const costs = await credentialCosts();
  report(credentialSection(costs));
  return credentialsReached(costs, mostUsOfCredential);
};

const promises = async (
  results: readonly Result[],
  clients: Result | null,
  others: readonly Reached[],
  report: Report,
): Promise<void> => {
  const stack = await stackCosts();
  report(stackSection(stack));
  report(`## Promises\n\n${verdicts([...reached(results, clients, stack), ...others])}`);
};

/** OrderPage in its forms, { __typename }, clients, what is inside of a page, a route, the upstream stack, and the promises. */
export const quick = async (bench: Bench, plan: Plan, report: Report): Promise<void> => {
  const results = await measured(QUICK, bench, plan, report);
  const byClient = await clients(QUICK_CLIENTS, bench, plan, report);
  await inside(results, bench, report);
  await promises(results, byClient, await routes(report), report);
};

/** Every workload with every contender that supports it, an ill backend, memory over a long time, a route, TLS, and credentials. */
export const full = async (bench: Bench, plan: Plan, report: Report): Promise<void> => {
  const results = await measured(FULL, bench, plan, report);
  const byClient = await clients(FULL_CLIENTS, bench, plan, report);
  const illnesses: Illness[] = [];
  for (const contender of [tributary, fastify, mercurius])
    illnesses.push(...(await illnessesOf(contender, bench, plan)));
  report(illnessSection(illnesses));
  await inside(results, bench, report);
  report(memorySection(await memoryOver(plan.memoryRequests, bench)));
  const others = [...(await routes(report)), ...(await tls(report)), ...(await credentials(report))];
  await promises(results, byClient, others, report);
};
