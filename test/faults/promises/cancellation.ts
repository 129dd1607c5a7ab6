import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import { type FaultPromise, found } from './promise.ts';

const CALLS = 60;
const WITHIN_MS = 100;
const MAX_WAIT_MS = 20_000;
const HELD_MS = 60_000;

export const cancellation: FaultPromise = {
  id: 'cancellation',
  promises: 'a caller who leaves: its backend sees that within 100 ms, and by then nothing is in flight any more',
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
    await until(async () => (await arrived()) >= CALLS, MAX_WAIT_MS);
    const inFlight = rig.upstream.status().calls.inFlight;
    const leftAt = Date.now();
    leaving.abort(new Error('the client has left'));
    await Promise.all(calls);
    const inFlightNow = (): number => {
      const { calls: now, endpoints } = rig.upstream.status();
      return now.inFlight + endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0);
    };
    await sleep(WITHIN_MS);
    const then = inFlightNow();
    const abortsSeen = async () =>
      (await Promise.all(rig.backends.map((one) => one.seen()))).flatMap((seen) => seen.aborts);
    await until(async () => (await abortsSeen()).length >= CALLS && inFlightNow() === 0, MAX_WAIT_MS);
    const aborts = await abortsSeen();
    const still = inFlightNow();
    const slowest = Math.max(...aborts) - leftAt;
    return found(
      `${aborts.length} of ${CALLS} seen by backends, the last after ${slowest} ms; in flight ${inFlight}, then ${then}, at last ${still}`,
      [
        inFlight !== CALLS && 'not all were in flight',
        aborts.length !== CALLS && 'not all were seen',
        still !== 0 && 'something stays in flight',
      ],
      [slowest > WITHIN_MS && 'seen late', then !== 0 && 'in flight for too long'],
    );
  },
};
