import { median, quantile } from '../harness/statistics.ts';
import { table } from './table.ts';

const ROUNDS = 40;

const cpuUs = (run: () => unknown, calls: number): number => {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
};

/** Prints the CPU of one call of each function in this process. All of them run `calls` times in each round. */
export const printIsolated = (contenders: Readonly<Record<string, () => unknown>>, calls: number): void => {
  const rounds = Array.from({ length: ROUNDS }, () => Object.values(contenders).map((run) => cpuUs(run, calls)));
  const rows = Object.keys(contenders).map((name, at) => {
    const values = rounds.map((round) => round[at] ?? Number.NaN);
    const half = `${quantile(values, 0.25).toFixed(1)}-${quantile(values, 0.75).toFixed(1)}`;
    return [name, median(values).toFixed(1), half];
  });
  console.log(table(['', 'CPU µs', 'half of the rounds'], rows));
};
