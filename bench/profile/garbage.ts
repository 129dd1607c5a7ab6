import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../harness/contenders.ts';
import type { Bench } from '../harness/rounds.ts';
import type { Workload } from '../workloads/workload.ts';
import { collectionsIn } from './collections.ts';
import { inFolder, type WindowPlan, windowOf } from './window.ts';

/** Cost of the young generation. */
export interface Garbage {
  readonly contender: Contender;
  /** Collections for 1,000 requests, and what they took of one request. */
  readonly scavenges: number;
  readonly scavengeUs: number;
  /** Cost of the old generation for one request. */
  readonly fullUs: number;
  /** Beside all that the process had. */
  readonly cpuUs: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Measured by `--trace-gc`, in a process of its own. */
export const garbageOf = (contender: Contender, workload: Workload, bench: Bench, plan: WindowPlan): Promise<Garbage> =>
  inFolder(async (folder) => {
    const file = join(folder, 'printed.txt');
    const stdout = openSync(file, 'w');
    const { fromMs, toMs, answers, cpuUs } = await windowOf(contender, workload, bench, plan, {
      flags: ['--trace-gc'],
      stdout,
    });
    closeSync(stdout);
    const all = collectionsIn(readFileSync(file, 'utf8')).filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    const took = (young: boolean) => sum(all.filter((one) => one.young === young).map(({ tookMs }) => tookMs));
    return {
      contender,
      scavenges: (all.filter(({ young }) => young).length * 1_000) / answers,
      scavengeUs: (took(true) * 1_000) / answers,
      fullUs: (took(false) * 1_000) / answers,
      cpuUs: cpuUs / answers,
    };
  });
