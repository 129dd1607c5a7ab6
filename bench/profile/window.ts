import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender } from '../harness/contenders.ts';
import { cpuOf } from '../harness/proc.ts';
import { type Bench, warmUp } from '../harness/rounds.ts';
import { type StartOptions, startServer } from '../harness/server.ts';
import { saturate } from '../load/saturate.ts';
import { Target } from '../load/target.ts';
import type { Workload } from '../workloads/workload.ts';

/** The measured part of a process's life. */
export interface Window {
  readonly answers: number;
  /** CPU time of the process, in microseconds. */
  readonly cpuUs: number;
  /** Since the process was started. */
  readonly fromMs: number;
  readonly toMs: number;
  /** From its end to that of the process. */
  readonly afterMs: number;
}

export interface WindowPlan {
  /** CPU of the server. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Runs a server of its own under load, and stops it: what it left behind belongs to the window. */
export const windowOf = async (
  contender: Contender,
  workload: Workload,
  { backends }: Bench,
  { warmUpMs, measureMs }: WindowPlan,
  options: StartOptions,
): Promise<Window> => {
  const born = performance.now();
  const server = await startServer(contender, backends.endpoints, options);
  const target = new Target(server, workload);
  try {
    await target.verify();
    await warmUp(target, warmUpMs);
    const [from, before] = [performance.now(), cpuOf(server.pid)];
    const { answers } = await saturate(target, measureMs);
    const [to, after] = [performance.now(), cpuOf(server.pid)];
    target.close();
    const stopping = performance.now();
    await server.stop();
    return { answers, cpuUs: after - before, fromMs: from - born, toMs: to - born, afterMs: stopping - to };
  } finally {
    await server.stop();
  }
};

/** A folder that is gone afterwards. */
export const inFolder = async <Value>(use: (folder: string) => Promise<Value>): Promise<Value> => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
