import type { Illness } from '../harness/ill.ts';
import { isFlat, MAX_GROWTH, type Memory } from '../harness/memory.ts';
import { PARTS } from '../profile/attribution.ts';
import type { Budget } from '../profile/budget.ts';
import type { Garbage } from '../profile/garbage.ts';
import type { StackCost } from '../stack/cost.ts';
import { percent, table } from './table.ts';

/** Cost of garbage, next to that of the hand-written endpoint. */
export const garbageSection = (all: readonly Garbage[]): string =>
  [
    '## Garbage of OrderPage (--trace-gc)',
    '',
    table(
      ['', 'scavenges in 1,000 requests', 'scavenge µs a request', 'full µs a request', 'share of CPU'],
      all.map(({ contender, scavenges, scavengeUs, fullUs, cpuUs }) => [
        contender.title,
        scavenges.toFixed(1),
        scavengeUs.toFixed(0),
        fullUs.toFixed(0),
        percent((scavengeUs + fullUs) / cpuUs),
      ]),
    ),
  ].join('\n');

const sumOf = ({ cpuUs }: Budget): number => Object.values(cpuUs).reduce((sum, us) => sum + us, 0);

/** Cost of a request by part, in each of several servers. */
export const budgetSection = (title: string, budgets: readonly Budget[]): string => {
  const row = (name: string, usOf: (budget: Budget) => number): readonly string[] => [
    name,
    ...budgets.flatMap((budget) => [usOf(budget).toFixed(0), percent(usOf(budget) / sumOf(budget))]),
  ];
  return [
    `## What a request costs: ${title} (--cpu-prof)`,
    '',
    table(
      ['', ...budgets.flatMap(({ contender }) => [`${contender.title}, µs`, 'share'])],
      [...PARTS.map((part) => row(part, ({ cpuUs }) => cpuUs[part])), row('together', sumOf)],
    ),
  ].join('\n');
};

/** Cost of the upstream stack, next to a bare client. */
export const stackSection = (costs: readonly StackCost[]): string =>
  [
    '## Upstream stack, the calls of OrderPage with its bodies',
    '',
    table(
      ['', 'CPU µs a call'],
      costs.flatMap(({ bare, layers }) => [bare, layers]).map(({ name, cpuUs }) => [name, cpuUs.toFixed(1)]),
    ),
  ].join('\n');

/** Growth of memory. */
export const memorySection = (memory: Memory): string => {
  const { rssMib, requests, growth } = memory;
  return [
    `## Memory of Tributary over ${requests.toLocaleString('en')} requests for OrderPage`,
    '',
    `MiB resident, after each twentieth: ${rssMib.map((mib) => mib.toFixed(0)).join(' ')}`,
    '',
    `The last quarter is ${growth.toFixed(2)} times the second one, at most ${MAX_GROWTH}: ${isFlat(memory) ? 'flat' : 'not flat'}.`,
  ].join('\n');
};

/** Pages without stock, next to pages with stock. */
export const illnessSection = (all: readonly Illness[]): string =>
  [
    '## W8: OrderPage without stock, while as many pages call a stock backend with a fault',
    '',
    table(
      ['', 'p50 ms', 'p99 ms'],
      all.map(({ contender, fate, p50, p99 }) => [`${contender.title}, stock ${fate}`, p50.toFixed(1), p99.toFixed(1)]),
    ),
  ].join('\n');
