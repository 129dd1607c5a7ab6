import { withBench } from '../bench.ts';
import { checkoutOf } from '../harness/checkout.ts';
import { type Contender, gatewayIn } from '../harness/contenders.ts';
import type { Bench } from '../harness/rounds.ts';
import { type Server, startServer } from '../harness/server.ts';
import { bootstrap, median, quantile } from '../harness/statistics.ts';
import { send } from '../load/send.ts';
import { Target } from '../load/target.ts';
import { table } from '../report/table.ts';
import { verdictOf } from '../report/verdicts.ts';
import { workloadNamed } from '../workloads/all.ts';
import type { Workload } from '../workloads/workload.ts';
import type { Quantity } from './quantities.ts';

/** Requests of each gateway before the first round, half of them after the other gateway's. */
const WARM_UP = 10_000;

interface Comparison {
  readonly quantity: Quantity;
  /** Two processes of one version differ by a few percent. Launches average that. */
  readonly launches: number;
  /** Rounds of each launch. */
  readonly rounds: number;
  /** This checkout, as it is measured. */
  readonly ours: Contender;
}

interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** NaN if an answer was wrong: on an overloaded machine a call may exceed its time limit. */
const unlessWrong = async (target: Target, measure: () => Promise<number>): Promise<number> => {
  const { wrong } = target;
  const measured = await measure();
  return target.wrong > wrong ? Number.NaN : measured;
};

/** Pairs of two warm servers. Each round is A B B A, so that a machine that becomes slower or faster affects both. */
const pairsOf = async (ours: Target, theirs: Target, { quantity, rounds }: Comparison): Promise<readonly Pair[]> => {
  for (const target of [ours, theirs, ours, theirs]) await send(target, WARM_UP / 2);
  const [measureOurs, measureTheirs] = [await quantity.of(ours), await quantity.of(theirs)];
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const first = await unlessWrong(ours, measureOurs);
    const second = await unlessWrong(theirs, measureTheirs);
    const third = await unlessWrong(theirs, measureTheirs);
    const fourth = await unlessWrong(ours, measureOurs);
    pairs.push({ ours: (first + fourth) / 2, theirs: (second + third) / 2 });
  }
  return pairs;
};

/** Pairs of one pair of processes. */
const launch = async (
  contenders: readonly [Contender, Contender],
  workload: Workload,
  bench: Bench,
  comparison: Comparison,
): Promise<readonly Pair[]> => {
  const servers: Server[] = [];
  try {
    for (const contender of contenders) servers.push(await startServer(contender, bench.backends.endpoints));
    const [ours, theirs] = servers.map((server) => new Target(server, workload));
    if (ours === undefined || theirs === undefined) return [];
    await ours.verify();
    await theirs.verify();
    const pairs = await pairsOf(ours, theirs, comparison);
    ours.close();
    theirs.close();
    return pairs;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
};

const ratiosOf = (pairs: readonly Pair[]): readonly number[] => pairs.map(({ ours, theirs }) => ours / theirs);

const ratio = (pairs: readonly Pair[]): string => {
  const all = ratiosOf(pairs);
  return `${median(all).toFixed(3)} (${quantile(all, 0.25).toFixed(3)}-${quantile(all, 0.75).toFixed(3)})`;
};

const verdictLines = ({ most, title }: Quantity, version: string, pairs: readonly Pair[]): readonly string[] => {
  if (most === undefined) return [];
  const verdict = verdictOf({ what: title, ratio: bootstrap(ratiosOf(pairs)), most });
  return [`Promise: at most ${most} times ${version}: ${verdict}`];
};

const isWhole = ({ ours, theirs }: Pair): boolean => !Number.isNaN(ours + theirs);

const report = (
  version: string,
  workload: Workload,
  { quantity, ours }: Comparison,
  measured: readonly (readonly Pair[])[],
): string => {
  const launches = measured.map((pairs) => pairs.filter(isWhole));
  const pairs = launches.flat();
  const rows = [
    [ours.title, median(pairs.map(({ ours }) => ours)).toFixed(1)],
    [version, median(pairs.map(({ theirs }) => theirs)).toFixed(1)],
  ];
  return [
    `## ${workload.title}: this checkout / ${version}`,
    table(['', quantity.title], rows),
    `Ratio, median of ${pairs.length} rounds (half of them in brackets): ${ratio(pairs)}`,
    `Rounds left out because of a wrong answer: ${measured.flat().length - pairs.length}`,
    `By launch: ${launches.map(ratio).join(', ')}`,
    ...verdictLines(quantity, version, pairs),
  ].join('\n\n');
};

/**
 * Prints a quantity of this checkout, that of another version (see `checkoutOf`), and the ratio.
 *
 * @throws Error for an unknown workload or version, and for a wrong answer before the load.
 */
export const compareWith = async (version: string, name: string, comparison: Comparison): Promise<void> => {
  const workload = workloadNamed(name);
  const checkout = checkoutOf(version);
  try {
    const contenders = [comparison.ours, gatewayIn(checkout.root, 'other', version)] as const;
    await withBench(async (bench) => {
      const all: (readonly Pair[])[] = [];
      for (let at = 0; at < comparison.launches; at += 1)
        all.push(await launch(contenders, workload, bench, comparison));
      console.log(report(version, workload, comparison, all));
    });
  } finally {
    checkout.remove();
  }
};
