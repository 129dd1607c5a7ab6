import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Tally, together } from './tally.ts';
import type { Work } from './worker.ts';

const HERE = 'test/oracle/worker.ts';

/** Number of processes: one for each core. */
const WORKERS = 2;

const resultOf = async (worker: ChildProcess): Promise<Tally> => {
  let tally: Tally | null = null;
  worker.on('message', (message) => {
    // Workers send no other messages.
    tally = message as Tally;
  });
  const [code, signal] = await once(worker, 'exit');
  if (tally === null) throw new Error(`A worker ended with ${signal ?? code} before it was done.`);
  return tally;
};

/**
 * Runs cases in processes of their own, over the sources of a checkout. With `untilFirst` a failing case ends the run.
 */
export const runCases = async (
  root: string,
  { cases, untilFirst = false, ...others }: Omit<Work, 'untilFirst'> & Partial<Work>,
): Promise<Tally> => {
  const workers = Array.from({ length: WORKERS }, (_, share) => {
    const own = Math.floor(cases / WORKERS) + (share < cases % WORKERS ? 1 : 0);
    const work: Work = { ...others, cases: own, share, of: WORKERS, untilFirst, ...(untilFirst ? { shrinks: 0 } : {}) };
    return fork(join(root, 'scripts/launch.js'), [HERE, JSON.stringify(work)], { cwd: root });
  });
  const results = workers.map(resultOf);
  const stop = () => workers.map((worker) => worker.kill());
  if (untilFirst) for (const result of results) result.then(({ failed }) => failed > 0 && stop(), stop);
  const settled = await Promise.allSettled(results);
  const tallies = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure !== undefined && !(untilFirst && tallies.some(({ failed }) => failed > 0))) throw failure.reason;
  return together(tallies);
};
