import { setTimeout as sleep } from 'node:timers/promises';
import type { BalancePolicy } from '../../../src/upstream/balance/policy-option.ts';
import { failed, failures } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type Bench, type FaultPromise, found, percent, whole } from './promise.ts';
import { shareOf } from './slow-one.ts';

const SLOW_START_MS = 10_000;
const DOWN_MS = 4_000;
const AFTER_MS = 5_000;
const FAIR = 1 / 3;

/** Kills an endpoint and restarts it, under load. */
const comeBack = async (rig: Rig) => {
  for (const backend of rig.backends) await backend.conduct({ afterMs: 10 });
  await rig.warmUp();
  const back = rig.backend(0);
  const load = rig.load({ perSecond: 150, forMs: DOWN_MS + SLOW_START_MS + AFTER_MS + 6_000, prefix: 'back' });
  await sleep(500);
  await back.kill();
  await sleep(DOWN_MS);
  await back.restart();
  const restartedAt = performance.now();
  const status = rig.upstream.status().endpoints.find(({ address }) => address === back.address);
  const penaltyMs = status?.circuits[0]?.opensForMs ?? 0;
  await back.conduct({ afterMs: 10 });
  const samples = await load.done;
  const first = rig.events.find(
    (event) =>
      event.is === 'attempt' && event.address === back.address && event.outcome === 'ok' && event.time > restartedAt,
  );
  const firstAt = first?.time ?? Number.POSITIVE_INFINITY;
  const full = firstAt + SLOW_START_MS + 2_000;
  return {
    samples,
    penaltyMs,
    afterMs: firstAt - restartedAt,
    beginning: shareOf(rig, 0, firstAt, firstAt + 1_000),
    even: shareOf(rig, 0, full, full + AFTER_MS),
  };
};

type Return = Awaited<ReturnType<typeof comeBack>>;

const withPolicy = async ({ open }: Bench, policy: BalancePolicy): Promise<Return> => {
  await using rig = await open({ traffic: { balance: { policy } } });
  return await comeBack(rig);
};

const described = ({ afterMs, penaltyMs, beginning, even }: Return): string =>
  `first success after ${whole(afterMs)} (penalty ${whole(penaltyMs)}), ${percent(beginning)} in the first second, ${percent(even)} after 12 s`;

export const comesBack: FaultPromise = {
  id: 'comes-back',
  promises:
    'a killed endpoint is started again 4 s later: first success <= 1 s + its penalty; it begins with <= 10 %, and 12 s later has its fair share within a fifth with round robin, and no less by default (which prefers whoever is quicker)',
  run: async (bench) => {
    const [byDefault, inTurn] = await Promise.all([withPolicy(bench, 'peak-ewma'), withPolicy(bench, 'round-robin')]);
    const cases = [
      { how: 'default', came: byDefault, most: Number.POSITIVE_INFINITY },
      { how: 'round robin', came: inTurn, most: 1.2 },
    ];
    const samples = [...byDefault.samples, ...inTurn.samples];
    return found(
      `${cases.map(({ how, came }) => `${how}: ${described(came)}`).join('; ')}; ${failed(samples)} errors`,
      [
        ...cases.flatMap(({ how, came, most }) => [
          came.beginning > 0.1 && `${how}: began too quickly`,
          !(came.even >= FAIR * 0.8 && came.even <= FAIR * most) && `${how}: its share is not even`,
        ]),
        failed(samples) > 0 && failures(samples),
      ],
      cases.map(({ how, came }) => came.afterMs > 1_000 + came.penaltyMs && `${how}: came back late`),
    );
  },
};
