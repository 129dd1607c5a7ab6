import { fork } from 'node:child_process';
import { once } from 'node:events';
import { moveTo, SERVER_CORE } from './cores.ts';

/** Codings of answers whose cost is measured by itself. */
export const CODINGS = ['gzip', 'zstd'] as const;
export type Coding = (typeof CODINGS)[number];

export type Task = 'speed' | Coding;

/** Measures fixed pieces of work on the core of the servers. */
export interface Calibrator {
  readonly pid: number;
  /** Milliseconds of a fixed computation. */
  measure(): Promise<number>;
  /** CPU of compressing one OrderPage as the gateway's listener does, in microseconds. */
  compression(coding: Coding): Promise<number>;
  stop(): void;
}

export const startCalibrator = async (): Promise<Calibrator> => {
  const child = fork(new URL('./calibrator-main.ts', import.meta.url), { stdio: 'inherit' });
  const { pid } = child;
  await once(child, 'message');
  if (pid === undefined) throw new Error('The calibrator does not start.');
  moveTo(SERVER_CORE, pid);
  const run = async (task: Task): Promise<number> => {
    const answer = once(child, 'message');
    child.send(task);
    const [took]: unknown[] = await answer;
    return Number(took);
  };
  return { pid, measure: () => run('speed'), compression: run, stop: () => child.disconnect() };
};
