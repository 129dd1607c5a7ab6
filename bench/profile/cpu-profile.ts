import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../harness/contenders.ts';
import type { Bench } from '../harness/rounds.ts';
import type { Workload } from '../workloads/workload.ts';
import type { CpuProfile } from './attribution.ts';
import { inFolder, type WindowPlan, windowOf } from './window.ts';

/** Profiles a process of its own by `--cpu-prof`. Returns the profile and the moments of the load in it. */
export const profileOf = (contender: Contender, workload: Workload, bench: Bench, plan: WindowPlan) =>
  inFolder(async (folder) => {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const { fromMs, toMs, afterMs } = await windowOf(contender, workload, bench, plan, { flags });
    const [file] = readdirSync(folder);
    if (file === undefined) throw new Error(`${contender.title} left no profile.`);
    const profile: CpuProfile = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    return { profile, moments: { from: (afterMs + toMs - fromMs) * 1_000, to: afterMs * 1_000 } };
  });
