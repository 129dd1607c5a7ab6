import { p99BySecond } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found, percent } from './promise.ts';

const SERVICE_MS = 10;
const TIMES = 20;
const PER_SECOND = 300;

/** Share of the attempts in this time, on the scale of `performance.now`, that reached a backend. */
export const shareOf = (rig: Rig, index: number, from: number, to: number): number => {
  const attempts = rig.events.filter(({ is, time }) => is === 'attempt' && time >= from && time < to);
  const { address } = rig.backend(index);
  return attempts.filter((event) => event.is === 'attempt' && event.address === address).length / attempts.length;
};

export const slowOne: FaultPromise = {
  id: 'slow-one',
  promises: `1 of 3 is ${TIMES} times slower without an error: after 10 s at most 5 % go there, and p99 <= 2 x base`,
  run: async ({ open }) => {
    await using rig = await open();
    for (const backend of rig.backends) await backend.conduct({ afterMs: SERVICE_MS });
    await rig.warmUp();
    const base = p99BySecond(
      await rig.load({ perSecond: PER_SECOND, forMs: 5_000, prefix: 'base' }).done,
      1_000,
      5_000,
    );
    rig.backend(0).proxy.add({ is: 'latency', ms: (TIMES - 1) * SERVICE_MS });
    const began = performance.now();
    const samples = await rig.load({ perSecond: PER_SECOND, forMs: 17_000, prefix: 'slow' }).done;
    const share = shareOf(rig, 0, began + 10_000, began + 17_000);
    const slow = p99BySecond(samples, 10_000, 17_000);
    return found(
      `${percent(share)} go there; p99 ${(slow / base).toFixed(2)} x base`,
      [share > 0.05 && 'too many go there'],
      [slow > 2 * base && 'p99 too high'],
    );
  },
};
