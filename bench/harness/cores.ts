import { execFileSync, spawnSync } from 'node:child_process';

/** The core of the measured process, and that of the load and the backends. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** A command that runs on one core only, threads included. */
export const on = (core: number, command: readonly string[]): readonly [string, ...string[]] => [
  'taskset',
  '-c',
  String(core),
  ...command,
];

/** Moves a process and all its threads to a core. */
export const moveTo = (core: number, pid: number): void => {
  execFileSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' });
};

/** Reason for which nothing can be measured here; null if it can. */
export const whyNotHere = (cores: number): string | null => {
  if (process.platform !== 'linux') return 'The bench reads /proc and pins processes to cores: it runs on Linux only.';
  if (cores < 2) return 'The bench needs two cores: one for the server, one for load and backends.';
  if (spawnSync('taskset', ['--version']).status !== 0) return 'The bench needs `taskset` (util-linux).';
  return null;
};
