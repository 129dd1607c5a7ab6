import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultPromise, found } from './promise.ts';

const CALLS = 60;
const WITHIN_MS = 100;
const PATIENCE_MS = 300;

export const cancellation: FaultPromise = {
  id: 'cancellation',
  promises: 'a caller who leaves: its backend sees that within 100 ms, and by then nothing is under way any more',
  run: async ({ open }) => {
    await using rig = await open();
    await rig.warmUp();
    for (const backend of rig.backends) await backend.conduct({ afterMs: 10_000 });
    const leaving = new AbortController();
    const calls = Array.from({ length: CALLS }, (_, index) =>
      rig.call('read', `c-${index}`, { signal: leaving.signal, deadlineMs: 20_000 }),
    );
    const arrived = async () =>
      (await Promise.all(rig.backends.map((one) => one.seen()))).reduce((sum, { reads }) => sum + reads, 0);
    for (let tries = 0; tries < 50 && (await arrived()) < CALLS; tries += 1) await sleep(20);
    const underWay = rig.upstream.status().calls.inFlight;
    const leftAt = Date.now();
    leaving.abort(new Error('the client has left'));
    await Promise.all(calls);
    await sleep(WITHIN_MS);
    const { calls: after, endpoints } = rig.upstream.status();
    await sleep(PATIENCE_MS);
    const aborts = (await Promise.all(rig.backends.map((one) => one.seen()))).flatMap((seen) => seen.aborts);
    const slowest = Math.max(...aborts) - leftAt;
    const still = after.inFlight + endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0);
    return found(
      `${aborts.length} of ${CALLS} seen by backends, the last after ${slowest} ms; under way ${underWay}, then ${still}`,
      [
        underWay !== CALLS && 'not all were under way',
        aborts.length !== CALLS && 'not all were seen',
        still !== 0 && 'something stays under way',
      ],
      [slowest > WITHIN_MS && 'seen late'],
    );
  },
};
