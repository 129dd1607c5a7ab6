import { once } from 'node:events';
import { join } from 'node:path';
import type { Backends } from '../harness/backends.ts';
import { type Contender, ROOT } from '../harness/contenders.ts';
import { type Server, startServer } from '../harness/server.ts';
import { Target } from '../load/target.ts';
import type { Workload } from '../workloads/workload.ts';
import type { Reading } from './reading.ts';

const PROBE = join(ROOT, 'bench/account/probe.ts');

export interface ProbeOptions {
  readonly counts: 'bytes' | 'events';
  /** Flags of node. */
  readonly flags?: readonly string[];
}

/** A server with the probe in its process. */
export interface Probed {
  readonly target: Target;
  read(): Promise<Reading>;
}

const readingOf = async ({ child }: Server): Promise<Reading> => {
  const answer = once(child, 'message');
  child.send('read');
  const [reading]: unknown[] = await answer;
  return reading as Reading; // what probe.ts sends
};

/** Runs a server of its own, with every answer verified once. @throws Error after a wrong answer. */
export const withProbe = async <Value>(
  contender: Contender,
  workload: Workload,
  backends: Backends,
  { counts, flags = [] }: ProbeOptions,
  use: (probed: Probed) => Promise<Value>,
): Promise<Value> => {
  const server = await startServer(contender, backends.endpoints, {
    flags: ['--import', PROBE, ...flags],
    env: { BENCH_PROBE: counts },
    pinned: false,
    ipc: true,
  });
  const target = new Target(server, workload);
  try {
    await target.verify();
    const value = await use({ target, read: () => readingOf(server) });
    if (target.wrong > 0) throw new Error(`${contender.title}: ${target.wrong} wrong answers to "${workload.title}".`);
    return value;
  } finally {
    target.close();
    await server.stop();
  }
};
