import { setTimeout as sleep } from 'node:timers/promises';
import { between, failed, median, p99, quantile } from '../load.ts';
import { type FaultPromise, found, whole } from './promise.ts';

const DOWN_MS = 7_000;

export const allDown: FaultPromise = {
  id: 'all-down',
  promises:
    'all 3 are killed: within 2 s circuits are open; then errors in <= 20 ms (p99), SERVICE_UNAVAILABLE, <= 1.2 attempts a call; another upstream loses nothing',
  run: async ({ open }) => {
    await using rig = await open();
    await using other = await open({ backends: 1 });
    await rig.warmUp();
    await other.warmUp();
    const beside = other.load({ perSecond: 50, forMs: DOWN_MS, prefix: 'beside' });
    await Promise.all(rig.backends.map((backend) => backend.kill()));
    const killedAt = performance.now();
    const load = rig.load({ perSecond: 200, forMs: DOWN_MS - 500, prefix: 'down' });
    const samples = await load.done;
    await beside.done;
    await sleep(0);
    const openings = rig.backends.map(({ address }) =>
      rig.events.find((event) => event.is === 'circuit' && event.to === 'open' && event.address === address),
    );
    const openMs = Math.max(...openings.map((event) => (event?.time ?? Number.POSITIVE_INFINITY) - killedAt));
    const later = between(samples, 2_000, DOWN_MS);
    const attempts = rig.events.filter(({ is, time }) => is === 'attempt' && time >= killedAt + 2_000).length;
    const seconds = [2_000, 3_000, 4_000, 5_000].map((from) => p99(between(samples, from, from + 1_000)));
    const codes = new Set(later.map(({ outcome }) => outcome));
    const lost = failed(beside.samples);
    return found(
      `open after ${whole(openMs)}; ${[...codes].join(', ')} in ${whole(median(seconds))} (p99; p50 ${quantile(
        later.map(({ ms }) => ms),
        0.5,
      ).toFixed(
        1,
      )} ms), ${(attempts / later.length).toFixed(2)} attempts a call; the other lost ${lost} of ${beside.samples.length}`,
      [
        attempts > 1.2 * later.length && 'too many attempts',
        (codes.size !== 1 || !codes.has('SERVICE_UNAVAILABLE')) && 'other outcomes',
        lost > 0 && 'the other upstream suffered',
      ],
      [openMs > 2_000 && 'opened late', median(seconds) > 20 && 'slow to fail'],
    );
  },
};
