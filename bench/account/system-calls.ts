import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backends } from '../harness/backends.ts';
import type { Contender } from '../harness/contenders.ts';
import { startServer } from '../harness/server.ts';
import { send } from '../load/send.ts';
import { Target } from '../load/target.ts';
import { inFolder } from '../profile/window.ts';
import type { Workload } from '../workloads/workload.ts';

/** System calls of one request by name, the most frequent first. */
export type SystemCalls = readonly (readonly [name: string, count: number])[];

const REQUESTS = 1_000;
const WARM_UP = 2_000;

/** Reason for which system calls cannot be counted here; null if they can. */
export const whyNoSystemCalls = (): string | null =>
  spawnSync('strace', ['-V']).status === 0 ? null : 'not counted: install strace (apt-get install strace)';

// "% time  seconds  usecs/call  calls  errors  syscall"; errors are left out if there are none.
const LINE = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$/;

/** Reads the table of `strace -c`. */
export const systemCallsIn = (printed: string, requests: number): SystemCalls =>
  printed
    .split('\n')
    .flatMap((line) => {
      const [, calls = '', name = ''] = LINE.exec(line) ?? [];
      return name === '' || name === 'total' ? [] : [[name, Number(calls) / requests] as const];
    })
    .toSorted(([, one], [, other]) => other - one);

/** Resolves once strace is attached to every thread. @throws Error if it may not trace */
const attached = async (strace: ChildProcess): Promise<void> => {
  const [said]: unknown[] = await Promise.race([once(strace.stderr ?? strace, 'data'), once(strace, 'exit')]);
  if (!/attached/.test(String(said))) throw new Error(`strace may not trace a process here: ${String(said).trim()}`);
};

/** Counts the system calls of all threads of a server of its own, with 32 requests in flight, by strace. */
export const systemCallsOf = (contender: Contender, workload: Workload, backends: Backends): Promise<SystemCalls> =>
  inFolder(async (folder) => {
    const file = join(folder, 'calls.txt');
    const server = await startServer(contender, backends.endpoints, { pinned: false });
    const target = new Target(server, workload);
    try {
      await target.verify();
      await send(target, WARM_UP);
      const args = ['-f', '-c', '-o', file, '-p', String(server.pid)];
      const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
      await attached(strace);
      await send(target, REQUESTS);
      const ended = once(strace, 'exit');
      strace.kill('SIGINT');
      await ended;
      return systemCallsIn(readFileSync(file, 'utf8'), REQUESTS);
    } finally {
      target.close();
      await server.stop();
    }
  });
