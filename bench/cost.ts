/**
 * `npm run bench:cost`: what a request costs, line by line, in the gateway and in the hand-written Fastify endpoint.
 * `-- --workload=<name>` selects another workload than OrderPage.
 */
import { parseArgs } from 'node:util';
import { withBench } from './bench.ts';
import { fastify, tributary } from './harness/contenders.ts';
import { measure } from './harness/measure.ts';
import { type Budget, budgetOf } from './profile/budget.ts';
import { budgetSection } from './report/inside.ts';
import { workloadNamed } from './workloads/all.ts';

const { values } = parseArgs({ options: { workload: { type: 'string', default: 'order-page' } } });

const PLAN = { rounds: 6, sliceMs: 1_000, warmUpMs: 10_000, latencyMs: 0, memoryRequests: 0 };
const WINDOW = { warmUpMs: 10_000, measureMs: 5_000 };

const workload = workloadNamed(values.workload);
await withBench(async (bench) => {
  const { measured } = await measure(workload, [tributary, fastify], bench, PLAN);
  const budgets: Budget[] = [];
  for (const { contender, cpuUs } of measured) budgets.push(await budgetOf(contender, workload, cpuUs, bench, WINDOW));
  console.log(budgetSection(workload.title, budgets));
});
