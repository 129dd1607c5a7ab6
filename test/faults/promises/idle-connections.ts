import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultPromise, found } from './promise.ts';

const IDLE_MS = 50;
const AT_ONCE = { quick: 60, full: 200 };
const READS = { quick: 3_600, full: 100_000 };

export const idleConnections: FaultPromise = {
  id: 'idle-connections',
  promises: `backends close connections idle for ${IDLE_MS} ms, without saying so, just as reads come: no error, and circuits open in at most one of 20 rounds`,
  run: async ({ open, random, scale }) => {
    await using rig = await open({ idleMs: IDLE_MS });
    await rig.warmUp();
    let reads = 0;
    let rounds = 0;
    const errors = new Map<string, number>();
    while (reads < READS[scale]) {
      rounds += 1;
      const outcomes = await Promise.all(
        Array.from({ length: AT_ONCE[scale] }, () => rig.call('read', `idle-${reads++}`)),
      );
      for (const outcome of outcomes) if (outcome !== 'ok') errors.set(outcome, (errors.get(outcome) ?? 0) + 1);
      await sleep(IDLE_MS - 4 + 8 * random());
    }
    const retries = rig.events.filter(({ is }) => is === 'retry').length;
    const connections = rig.backends.reduce((sum, { proxy }) => sum + proxy.counts.accepted, 0);
    const opened = rig.events.filter((event) => event.is === 'circuit' && event.to === 'open').length;
    const seen = [...errors].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
    return found(
      `${seen || 'no error'} in ${reads} reads; ${connections} connections, ${retries} retries, ${opened} circuits opened`,
      [
        errors.size > 0 && 'errors',
        // A busy process may receive an answer late, so that the connection seems to have been idle for less than 20 ms.
        opened > rounds / 20 && 'healthy endpoints were taken out',
        connections < rounds && 'hardly any connection was closed',
      ],
    );
  },
};
