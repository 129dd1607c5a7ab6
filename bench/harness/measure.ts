import { Target } from '../load/target.ts';
import type { Workload } from '../workloads/workload.ts';
import type { Contender } from './contenders.ts';
import { type Sorted, undisturbed } from './disturbed.ts';
import { type Bench, inRounds, type Latency, latencyOf, type Plan, prepare, type Sample } from './rounds.ts';
import { type Server, startServer } from './server.ts';
import { bootstrap, type Interval, median, ratios } from './statistics.ts';

/** One contender under one workload: medians over the rounds that count. */
export interface Measured extends Sample {
  readonly contender: Contender;
  /** CPU a request, round by round. */
  readonly cpuUsByRound: readonly number[];
  readonly latency: Latency;
}

export interface Result extends Sorted {
  readonly workload: Workload;
  readonly measured: readonly Measured[];
}

const summary = (contender: Contender, { rounds }: Sorted, latency: Latency): Measured => {
  const samples = rounds.flatMap((round) => round.samples.get(contender.name) ?? []);
  const middle = (part: keyof Sample) => median(samples.map((sample) => sample[part]));
  return {
    contender,
    cpuUsByRound: samples.map(({ cpuUs }) => cpuUs),
    cpuUs: middle('cpuUs'),
    perSecond: middle('perSecond'),
    upstream: middle('upstream'),
    load: middle('load'),
    others: middle('others'),
    stolen: middle('stolen'),
    latency,
  };
};

/** A server for each contender at one time, all of them verified, warmed up and measured in turn. */
export const measure = async (
  workload: Workload,
  contenders: readonly Contender[],
  bench: Bench,
  plan: Plan,
): Promise<Result> => {
  const servers: Server[] = [];
  const targets: Target[] = [];
  try {
    for (const contender of contenders) servers.push(await startServer(contender, bench.backends.endpoints));
    targets.push(...servers.map((server) => new Target(server, workload)));
    await prepare(targets, plan);
    const all = await inRounds(targets, bench, plan);
    const sorted = undisturbed(all);
    const measured: Measured[] = [];
    for (const target of targets)
      measured.push(summary(target.server.contender, sorted, await latencyOf(target, sorted.rounds, plan.latencyMs)));
    return { ...sorted, workload, measured };
  } finally {
    for (const target of targets) target.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
};

/** CPU a request of one beside the other's, by rounds of the same time; null where one of them was not measured. */
export const ratioOf = ({ measured }: Result, one: Contender, other: Contender): Interval | null => {
  const of = ({ name }: Contender) => measured.find(({ contender }) => contender.name === name)?.cpuUsByRound;
  const [mine, theirs] = [of(one), of(other)];
  return mine === undefined || theirs === undefined ? null : bootstrap(ratios(mine, theirs));
};
