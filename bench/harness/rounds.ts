import { KINDS } from '../backends/traffic.ts';
import { pace } from '../load/pace.ts';
import { saturate } from '../load/saturate.ts';
import type { Target } from '../load/target.ts';
import type { Backends } from './backends.ts';
import { type Calibrator, CODINGS, type Coding } from './calibrator.ts';
import { cpuOf, machineTime, rssOf } from './proc.ts';
import { median, quantile } from './statistics.ts';

/** Options of a measurement. */
export interface Bench {
  readonly backends: Backends;
  readonly calibrator: Calibrator;
}

export interface Plan {
  readonly rounds: number;
  readonly sliceMs: number;
  /** CPU of each server. */
  readonly warmUpMs: number;
  readonly latencyMs: number;
  /** Requests over which memory must stay flat. */
  readonly memoryRequests: number;
}

/** One contender in one round, at saturation. */
export interface Sample {
  /** CPU time of the server's process, its threads and kernel time included. */
  readonly cpuUs: number;
  readonly perSecond: number;
  /** Calls to backends for one request. */
  readonly upstream: number;
  /** Shares of a core: of load and backends, of programs that are not of the bench, and what the host took away. */
  readonly load: number;
  readonly others: number;
  readonly stolen: number;
}

export interface Round {
  /** Results by contender. */
  readonly samples: ReadonlyMap<string, Sample>;
  readonly calibrationMs: number;
  /** CPU of compressing one OrderPage, in microseconds. */
  readonly compressionUs: Readonly<Record<Coding, number>>;
}

export interface Latency {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly rssMib: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const slice = async (target: Target, pids: readonly number[], { backends }: Bench, forMs: number): Promise<Sample> => {
  const look = async () => ({
    counts: await backends.counts(),
    server: cpuOf(target.server.pid),
    load: cpuOf(process.pid) + cpuOf(backends.pid),
    ours: sum(pids.map(cpuOf)),
    machine: machineTime(),
  });
  const before = await look();
  const { answers, seconds } = await saturate(target, forMs);
  const after = await look();
  if (target.wrong > 0)
    throw new Error(`${target.server.contender.title}: ${target.wrong} wrong answers to "${target.workload.title}".`);
  const wallUs = seconds * 1_000_000;
  return {
    cpuUs: (after.server - before.server) / answers,
    perSecond: answers / seconds,
    upstream: sum(KINDS.map((kind) => after.counts[kind] - before.counts[kind])) / answers,
    load: (after.load - before.load) / wallUs,
    others: Math.max(0, after.machine.busyUs - before.machine.busyUs - (after.ours - before.ours)) / wallUs,
    stolen: (after.machine.stolenUs - before.machine.stolenUs) / wallUs,
  };
};

const WARM_UP_STEP_MS = 500;
/** However busy the machine is, warming up ends after so many times what it needs on a quiet one. */
const MAX_WAIT_FACTOR = 5;

/** Keeps a server busy until it has had so much CPU: on a busy machine that takes longer. */
export const warmUp = async (target: Target, cpuMs: number): Promise<void> => {
  const { pid } = target.server;
  const enough = cpuOf(pid) + cpuMs * 1_000;
  const latest = performance.now() + cpuMs * MAX_WAIT_FACTOR;
  while (cpuOf(pid) < enough && performance.now() < latest) await saturate(target, WARM_UP_STEP_MS);
};

/** Holds every answer against the right one, and lets the compilers have their time. */
export const prepare = async (targets: readonly Target[], { warmUpMs }: Plan): Promise<void> => {
  for (const target of targets) {
    await target.verify();
    await warmUp(target, warmUpMs);
  }
};

const compressionsOf = async ({ calibrator }: Bench): Promise<Round['compressionUs']> => {
  const found = { gzip: 0, zstd: 0 };
  for (const coding of CODINGS) found[coding] = await calibrator.compression(coding);
  return found;
};

/** All of them in turn, round after round, every second round backwards: what the machine does meets each of them alike. */
export const inRounds = async (targets: readonly Target[], bench: Bench, plan: Plan): Promise<readonly Round[]> => {
  const servers = targets.map(({ server }) => server.pid);
  const pids = [process.pid, bench.backends.pid, bench.calibrator.pid, ...servers];
  const rounds: Round[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    const samples = new Map<string, Sample>();
    const order = round % 2 === 0 ? targets : targets.toReversed();
    const calibrationMs = await bench.calibrator.measure();
    const compressionUs = await compressionsOf(bench);
    for (const target of order)
      samples.set(target.server.contender.name, await slice(target, pids, bench, plan.sliceMs));
    rounds.push({ samples, calibrationMs, compressionUs });
  }
  return rounds;
};

const SHARE_OF_MOST = 0.6;

/** Times of answers at 60 % of what it can at most, and the memory that it holds then. */
export const latencyOf = async (target: Target, rounds: readonly Round[], forMs: number): Promise<Latency> => {
  const { name } = target.server.contender;
  const most = median(rounds.flatMap(({ samples }) => samples.get(name)?.perSecond ?? []));
  const perSecond = SHARE_OF_MOST * most;
  const times = await pace(target, perSecond, forMs);
  return { perSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99), rssMib: rssOf(target.server.pid) };
};
