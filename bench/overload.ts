/**
 * `node scripts/launch.js bench/overload.ts`: what critical requests notice of a spike of 12 times the sheddable load. Exits with 1 if
 * fewer than 99.4 % of them succeed in a round, or if the median of the rounds' p99 is more than twice that without the spike.
 */
import { withBench } from './bench.ts';
import { tributary } from './harness/contenders.ts';
import { type Server, startServer } from './harness/server.ts';
import { median, quantile } from './harness/statistics.ts';
import { pace } from './load/pace.ts';
import { saturate } from './load/saturate.ts';
import { send } from './load/send.ts';
import { Target } from './load/target.ts';
import { table } from './report/table.ts';
import { orderPage } from './workloads/order-page.ts';

const SPIKE = 12;
/** Shares of the gateway's own maximum before the spike. The load has one core with the backends: it can send twice the maximum. */
const SHARE = { critical: 0.1, sheddable: 0.15 };
const WARM_UP = 3_000;
const PROBE_MS = 3_000;
const PHASE_MS = 5_000;
const ROUNDS = 5;
const LEAST_SUCCESS = 0.994;
const MOST_P99 = 2;

const clientOf = (server: Server, name: string): Target => {
  const headers = () => `accept: application/json\r\napollographql-client-name: ${name}\r\n`;
  return new Target({ ...server, contender: { ...server.contender, client: { headers, coding: null } } }, orderPage);
};

interface Phase {
  readonly success: number;
  readonly p99Ms: number;
  readonly shed: number;
}

interface Round {
  readonly usual: Phase;
  readonly spike: Phase;
}

/** Connections of each client. Proxies in front of a gateway keep theirs; Node accepts one new one in each turn of its loop. */
const CONNECTIONS = 256;

const phase = async (critical: Target, sheddable: Target, perSecond: readonly [number, number]): Promise<Phase> => {
  for (const client of [critical, sheddable]) await send(client, 4 * CONNECTIONS, CONNECTIONS);
  const before = [critical.wrong, sheddable.wrong];
  const [times, others] = await Promise.all([
    pace(critical, perSecond[0], PHASE_MS, CONNECTIONS),
    pace(sheddable, perSecond[1], PHASE_MS, CONNECTIONS),
  ]);
  return {
    success: 1 - (critical.wrong - (before[0] ?? 0)) / times.length,
    p99Ms: quantile(times, 0.99),
    shed: (sheddable.wrong - (before[1] ?? 0)) / others.length,
  };
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const row = (title: string, phases: readonly Phase[]): readonly string[] => {
  const p99 = phases.map(({ p99Ms }) => p99Ms);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(p99, share).toFixed(1));
  return [
    title,
    percent(Math.min(...phases.map(({ success }) => success))),
    `${middle} (${low}-${high})`,
    percent(median(phases.map(({ shed }) => shed))),
  ];
};

await withBench(async ({ backends }) => {
  const contender = { ...tributary, env: { ...tributary.env, LIMITS: 'bench/overload.json' } };
  const server = await startServer(contender, backends.endpoints);
  try {
    const [critical, sheddable] = [clientOf(server, 'checkout'), clientOf(server, 'crawler')];
    await critical.verify();
    // Its own requests could be refused: those of the verification follow each other without a pause.
    sheddable.expectAnswersOf(critical);
    await send(critical, WARM_UP);
    const { answers, seconds } = await saturate(critical, PROBE_MS);
    const most = answers / seconds;
    const rates = (times: number) => [SHARE.critical * most, SHARE.sheddable * most * times] as const;
    const rounds: Round[] = [];
    for (let n = 0; n < ROUNDS; n += 1)
      rounds.push({
        usual: await phase(critical, sheddable, rates(1)),
        spike: await phase(critical, sheddable, rates(SPIKE)),
      });
    const ratio = median(rounds.map(({ usual, spike }) => spike.p99Ms / usual.p99Ms));
    const columns = ['', 'critical: success', 'critical: p99 ms', 'sheddable: refused'];
    const rows = [
      row(
        'usual load',
        rounds.map(({ usual }) => usual),
      ),
      row(
        `${SPIKE} times the sheddable load`,
        rounds.map(({ spike }) => spike),
      ),
    ];
    console.log(`${table(columns, rows)}\n\nLowest success and medians of ${ROUNDS} rounds; p99 with its quartiles.`);
    console.log(`p99 of critical requests, spike / usual: ${ratio.toFixed(2)}`);
    if (rounds.some(({ spike }) => spike.success < LEAST_SUCCESS) || ratio > MOST_P99) process.exitCode = 1;
    critical.close();
    sheddable.close();
  } finally {
    await server.stop();
  }
});
