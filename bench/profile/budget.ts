import type { Contender } from '../harness/contenders.ts';
import type { Bench } from '../harness/rounds.ts';
import type { Workload } from '../workloads/workload.ts';
import { PARTS, type Part, partOf, shares } from './attribution.ts';
import { profileOf } from './cpu-profile.ts';
import type { WindowPlan } from './window.ts';

/** The CPU of one request by part, in microseconds. */
export interface Budget {
  readonly contender: Contender;
  readonly cpuUs: Readonly<Record<Part, number>>;
}

/**
 * Profiles a process of its own by `--cpu-prof`. The profiler costs CPU, so its shares are applied to `cpuUs`, the CPU of a
 * request as measured without it.
 */
export const budgetOf = async (
  contender: Contender,
  workload: Workload,
  cpuUs: number,
  bench: Bench,
  plan: WindowPlan,
): Promise<Budget> => {
  const { profile, moments } = await profileOf(contender, workload, bench, plan);
  const found = shares<Part>(profile, moments, partOf, 'Node and system');
  const entries = PARTS.map((part) => [part, (found.get(part) ?? 0) * cpuUs] as const);
  return { contender, cpuUs: Object.fromEntries(entries) as Budget['cpuUs'] }; // every part is an entry
};
