import { fork } from 'node:child_process';
import { once } from 'node:events';
import { moveTo, SERVER_CORE } from './cores.ts';

/** Tells how quick the core of the servers is just now. */
export interface Calibrator {
  readonly pid: number;
  /** What a fixed piece of work takes there, in milliseconds. */
  measure(): Promise<number>;
  stop(): void;
}

export const startCalibrator = async (): Promise<Calibrator> => {
  const child = fork(new URL('./calibrator-main.ts', import.meta.url), { stdio: 'inherit' });
  const { pid } = child;
  await once(child, 'message');
  if (pid === undefined) throw new Error('The calibrator does not start.');
  moveTo(SERVER_CORE, pid);
  return {
    pid,
    measure: async () => {
      const answer = once(child, 'message');
      child.send('measure');
      const [took]: unknown[] = await answer;
      return Number(took);
    },
    stop: () => child.disconnect(),
  };
};
