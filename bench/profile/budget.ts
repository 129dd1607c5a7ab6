import type { Contender } from '../harness/contenders.ts';
import type { Bench } from '../harness/rounds.ts';
import type { Workload } from '../workloads/workload.ts';
import { PARTS, type Part, partOf, shares } from './attribution.ts';
import { profileOf } from './cpu-profile.ts';
import type { WindowPlan } from './window.ts';

/** What each part may take, as a share of what the hand-written endpoint takes in all: together they are its 0.8. */
const TARGETS: Readonly<Record<Part, number>> = {
  edge: 0.09,
  Apollo: 0.09,
  plan: 0.12,
  'upstream calls': 0.28,
  'validation of answers': 0.05,
  serialisation: 0.03,
  'telemetry and limits': 0.03,
  'garbage collection': 0.06,
  'Node and system': 0.05,
};

export interface Share {
  readonly part: Part;
  /** Of one request. */
  readonly cpuUs: number;
  readonly targetUs: number;
}

/** CPU of one request, as it was measured without a profiler. */
export interface Costs {
  readonly cpuUs: number;
  /** Of the hand-written endpoint. */
  readonly handWrittenUs: number;
}

/**
 * Where a request's CPU goes, by `--cpu-prof` in a process of its own. The profiler costs something itself, so the shares are
 * its, and what they are shares of is what was measured without it.
 */
export const budgetOf = async (
  contender: Contender,
  workload: Workload,
  { cpuUs, handWrittenUs }: Costs,
  bench: Bench,
  plan: WindowPlan,
): Promise<readonly Share[]> => {
  const { profile, moments } = await profileOf(contender, workload, bench, plan);
  const found = shares<Part>(profile, moments, partOf, 'Node and system');
  return PARTS.map((part) => ({
    part,
    cpuUs: (found.get(part) ?? 0) * cpuUs,
    targetUs: TARGETS[part] * handWrittenUs,
  }));
};
