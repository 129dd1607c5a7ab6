import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import { type FaultPromise, found } from './promise.ts';

const CALLS = 60;
const WITHIN_MS = 100;
const PATIENCE_MS = 20_000;
const HELD_MS = 60_000;

export const cancellation: FaultPromise = {
  id: 'cancellation',
  promises: 'a caller who leaves: its backend sees that within 100 ms, and by then nothing is under way any more',
  run: async ({ open }) => {
    await using rig = await open({ timeoutMs: HELD_MS });
    await rig.warmUp();
    for (const backend of rig.backends) await backend.conduct({ afterMs: HELD_MS });
    const leaving = new AbortController();
    const calls = Array.from({ length: CALLS }, (_, index) =>
      rig.call('read', `c-${index}`, { signal: leaving.signal, deadlineMs: HELD_MS }),
    );
    const arrived = async () =>
      (await Promise.all(rig.backends.map((one) => one.seen()))).reduce((sum, { reads }) => sum + reads, 0);
    await until(async () => (await arrived()) >= CALLS, PATIENCE_MS);
    const underWay = rig.upstream.status().calls.inFlight;
    const leftAt = Date.now();
    leaving.abort(new Error('the client has left'));
    await Promise.all(calls);
    const underWayNow = (): number => {
      const { calls: now, endpoints } = rig.upstream.status();
      return now.inFlight + endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0);
    };
    await sleep(WITHIN_MS);
    const then = underWayNow();
    const abortsSeen = async () =>
      (await Promise.all(rig.backends.map((one) => one.seen()))).flatMap((seen) => seen.aborts);
    await until(async () => (await abortsSeen()).length >= CALLS && underWayNow() === 0, PATIENCE_MS);
    const aborts = await abortsSeen();
    const still = underWayNow();
    const slowest = Math.max(...aborts) - leftAt;
    return found(
      `${aborts.length} of ${CALLS} seen by backends, the last after ${slowest} ms; under way ${underWay}, then ${then}, at last ${still}`,
      [
        underWay !== CALLS && 'not all were under way',
        aborts.length !== CALLS && 'not all were seen',
        still !== 0 && 'something stays under way',
      ],
      [slowest > WITHIN_MS && 'seen late', then !== 0 && 'under way for too long'],
    );
  },
};
