import { withBench } from './bench.ts';
import { checkoutOf } from './harness/checkout.ts';
import { type Contender, gatewayIn, tributary } from './harness/contenders.ts';
import { cpuOf } from './harness/proc.ts';
import type { Bench } from './harness/rounds.ts';
import { type Server, startServer } from './harness/server.ts';
import { median, quantile } from './harness/statistics.ts';
import { send } from './load/send.ts';
import { Target } from './load/target.ts';
import { table } from './report/table.ts';
import { workloadNamed } from './workloads/all.ts';
import type { Workload } from './workloads/workload.ts';

/** Requests of a slice, and slices of each gateway before the first round. */
const SLICE = 100;
const WARM_UP_SLICES = 30;

interface Comparison {
  /** Two processes of one version differ by a few percent. Launches average that. */
  readonly launches: number;
  /** Rounds of each launch. */
  readonly rounds: number;
}

/** CPU of a request in microseconds. */
interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** NaN if an answer was wrong: on an overloaded machine a call may exceed its time limit. */
const slice = async (target: Target): Promise<number> => {
  const [wrong, before] = [target.wrong, cpuOf(target.server.pid)];
  await send(target, SLICE);
  if (target.wrong > wrong) return Number.NaN;
  return (cpuOf(target.server.pid) - before) / SLICE;
};

/** One round: A B B A, so that a machine that becomes slower or faster affects both. */
const pairOf = async (ours: Target, theirs: Target): Promise<Pair> => {
  const [first, second, third, fourth] = [
    await slice(ours),
    await slice(theirs),
    await slice(theirs),
    await slice(ours),
  ];
  return { ours: (first + fourth) / 2, theirs: (second + third) / 2 };
};

/** Pairs of one pair of processes. */
const pairsOf = async (
  contenders: readonly [Contender, Contender],
  workload: Workload,
  bench: Bench,
  rounds: number,
) => {
  const servers: Server[] = [];
  try {
    for (const contender of contenders) servers.push(await startServer(contender, bench.backends.endpoints));
    const [ours, theirs] = servers.map((server) => new Target(server, workload));
    if (ours === undefined || theirs === undefined) return [];
    await ours.verify();
    await theirs.verify();
    for (let slices = 0; slices < WARM_UP_SLICES; slices += 2) await pairOf(ours, theirs);
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) pairs.push(await pairOf(ours, theirs));
    ours.close();
    theirs.close();
    return pairs;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
};

const ratio = (pairs: readonly Pair[]): string => {
  const all = pairs.map(({ ours, theirs }) => ours / theirs);
  return `${median(all).toFixed(3)} (${quantile(all, 0.25).toFixed(3)}-${quantile(all, 0.75).toFixed(3)})`;
};

const isWhole = ({ ours, theirs }: Pair): boolean => !Number.isNaN(ours + theirs);

const report = (version: string, workload: Workload, measured: readonly (readonly Pair[])[]): string => {
  const launches = measured.map((pairs) => pairs.filter(isWhole));
  const pairs = launches.flat();
  const rows = [
    ['this checkout', median(pairs.map(({ ours }) => ours)).toFixed(0)],
    [version, median(pairs.map(({ theirs }) => theirs)).toFixed(0)],
  ];
  return [
    `## ${workload.title}: this checkout / ${version}`,
    table(['', 'CPU µs'], rows),
    `Ratio, median of ${pairs.length} rounds (half of them in brackets): ${ratio(pairs)}`,
    `Rounds left out because of a wrong answer: ${measured.flat().length - pairs.length}`,
    `By launch: ${launches.map(ratio).join(', ')}`,
  ].join('\n\n');
};

/**
 * Prints the CPU of a request in this checkout, that in another version (see `checkoutOf`), and the ratio.
 *
 * @throws Error for an unknown workload or version, and for a wrong answer before the load.
 */
export const compareWith = async (version: string, name: string, { launches, rounds }: Comparison): Promise<void> => {
  const workload = workloadNamed(name);
  const checkout = checkoutOf(version);
  try {
    const contenders = [tributary, gatewayIn(checkout.root, 'other', version)] as const;
    await withBench(async (bench) => {
      const all: (readonly Pair[])[] = [];
      for (let launch = 0; launch < launches; launch += 1) all.push(await pairsOf(contenders, workload, bench, rounds));
      console.log(report(version, workload, all));
    });
  } finally {
    checkout.remove();
  }
};
