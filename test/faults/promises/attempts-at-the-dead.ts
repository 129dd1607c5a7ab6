import { setTimeout as sleep } from 'node:timers/promises';
import type { BalancePolicy } from '../../../src/upstream/balance/policy-option.ts';
import type { Rig, TimedEvent } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

/** The attempts between one opening of a circuit and the next: the number made while it was open. */
const perPeriod = (attempts: readonly TimedEvent[], openings: readonly TimedEvent[]): readonly number[] =>
  openings.map(({ time }, index) => {
    const end = openings[index + 1]?.time ?? Number.POSITIVE_INFINITY;
    return attempts.filter((attempt) => attempt.time > time && attempt.time <= end).length;
  });

/**
 * Kills one endpoint under load. Returns the failed attempts until its circuit opened, and in each penalty after that.
 */
const killed = async (rig: Rig, policy: BalancePolicy) => {
  await rig.reconnect({ traffic: { balance: { policy } } });
  const load = rig.load({ perSecond: 200, forMs: 10_000, prefix: `dead-${policy}` });
  await sleep(1_000);
  const dead = rig.backend(0);
  await dead.kill();
  await load.done;
  const ofDead = rig.events.filter((event) => 'address' in event && event.address === dead.address);
  const failed = ofDead.filter((event) => event.is === 'attempt' && event.outcome !== 'ok');
  const openings = ofDead.filter((event) => event.is === 'circuit' && event.to === 'open');
  const opened = openings[0]?.time ?? Number.POSITIVE_INFINITY;
  await dead.restart();
  return { before: failed.filter(({ time }) => time <= opened).length, probes: perPeriod(failed, openings) };
};

export const attemptsAtTheDead: FaultPromise = {
  id: 'leave-the-dead',
  promises:
    'at most 5 failed attempts at a killed endpoint until its circuit is open, then 1 probe a penalty at most: by default, and with round robin, which does not avoid it by itself',
  run: async ({ open }) => {
    await using rig = await open();
    await rig.warmUp();
    const byDefault = await killed(rig, 'peak-ewma');
    const inTurn = await killed(rig, 'round-robin');
    const most = Math.max(0, ...byDefault.probes, ...inTurn.probes);
    return found(
      `default: ${byDefault.before} failed and ${byDefault.probes.length} penalties in 9 s; round robin: ${inTurn.before} failed, then ${inTurn.probes.length} penalties; ${most} attempt(s) at most in each`,
      [
        byDefault.before > 5 && 'too many before, by default',
        inTurn.before > 5 && 'too many before, in turn',
        most > 1 && `too many afterwards: ${byDefault.probes.join(' ')}, ${inTurn.probes.join(' ')}`,
        inTurn.probes.length < 3 && 'no penalties were seen',
      ],
    );
  },
};
