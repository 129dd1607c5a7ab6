import {
  ALL,
  apolloPlain,
  type Contender,
  fastify,
  floor,
  mercurius,
  reference,
  tributary,
  yoga,
} from './harness/contenders.ts';
import { type Illness, illnessesOf } from './harness/ill.ts';
import { measure, type Result } from './harness/measure.ts';
import { memoryOver } from './harness/memory.ts';
import type { Bench, Plan } from './harness/rounds.ts';
import { budgetOf } from './profile/budget.ts';
import { type Garbage, garbageOf } from './profile/garbage.ts';
import { budgetSection, garbageSection, illnessSection, memorySection, stackSection } from './report/inside.ts';
import { section } from './report/result.ts';
import { verdicts } from './report/verdicts.ts';
import { stackCosts } from './stack/cost.ts';
import { reached } from './targets.ts';
import { manyOperations } from './workloads/many-operations.ts';
import { orderPage, orderPageIdentical, orderPageRest } from './workloads/order-page.ts';
import { grpcOnly, largePage, list, nothing } from './workloads/simple.ts';
import type { Workload } from './workloads/workload.ts';

type Report = (part: string) => void;
type Entry = readonly [Workload, readonly Contender[]];

const WINDOW = { warmUpMs: 4_000, measureMs: 5_000 };
const REQUESTS_FOR_MEMORY = 200_000;

const QUICK: readonly Entry[] = [
  [orderPage, ALL],
  [orderPageRest, [tributary, fastify, floor]],
  [orderPageIdentical, [tributary, fastify, floor, mercurius]],
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

/** A workload that cannot be measured, because somebody answers wrongly, is told of and takes no other one with it. */
const measured = async (entries: readonly Entry[], bench: Bench, plan: Plan, report: Report) => {
  const results: Result[] = [];
  for (const [workload, contenders] of entries)
    try {
      const result = await measure(workload, contenders, bench, plan);
      report(section(result));
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

/** Where a request's CPU goes, and what its garbage costs, beside the hand-written endpoint. */
const inside = async (results: readonly Result[], bench: Bench, report: Report): Promise<void> => {
  const costs = {
    cpuUs: costIn(results, orderPage, tributary),
    handWrittenUs: costIn(results, orderPage, fastify),
  };
  report(budgetSection(await budgetOf(tributary, orderPage, costs, bench, WINDOW)));
  const garbage: Garbage[] = [];
  for (const contender of [tributary, fastify]) garbage.push(await garbageOf(contender, orderPage, bench, WINDOW));
  report(garbageSection(garbage));
};

const promises = async (results: readonly Result[], report: Report): Promise<void> => {
  const stack = await stackCosts();
  report(stackSection(stack));
  report(`## Promises\n\n${verdicts(reached(results, stack))}`);
};

/** OrderPage in its three forms, what is inside of it, the upstream stack, and which promises are kept. */
export const quick = async (bench: Bench, plan: Plan, report: Report): Promise<void> => {
  const results = await measured(QUICK, bench, plan, report);
  await inside(results, bench, report);
  await promises(results, report);
};

/** Every workload with all who can take it, a backend that is ill, and memory over a long time. */
export const full = async (bench: Bench, plan: Plan, report: Report): Promise<void> => {
  const results = await measured(FULL, bench, plan, report);
  const illnesses: Illness[] = [];
  for (const contender of [tributary, fastify, mercurius])
    illnesses.push(...(await illnessesOf(contender, bench, plan)));
  report(illnessSection(illnesses));
  await inside(results, bench, report);
  report(memorySection(await memoryOver(REQUESTS_FOR_MEMORY, bench)));
  await promises(results, report);
};
