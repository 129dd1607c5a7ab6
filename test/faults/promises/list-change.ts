import { setTimeout as sleep } from 'node:timers/promises';
import { failed, failures } from '../load.ts';
import { originsOf, type Rig } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

/** A call in flight may end this much later than the removal of its endpoint. */
const DRAIN_MS = 500;

const connectionsOf = (rig: Rig): readonly number[] => rig.backends.map(({ proxy }) => proxy.counts.open);

export const listChange: FaultPromise = {
  id: 'list-change',
  promises:
    'endpoints leave the list and come back under 300 reads/s: no error, and no request to one that has left and drained',
  run: async ({ open, scale }) => {
    await using rig = await open();
    for (const backend of rig.backends) await backend.conduct({ afterMs: 10, jitterMs: 20 });
    await rig.warmUp();
    const rounds = scale === 'full' ? 6 : 1;
    const load = rig.load({ perSecond: 300, forMs: rounds * 1_500 + 500, prefix: 'list' });
    let late = 0;
    let stillConnected = 0;
    for (let round = 0; round < rounds; round += 1) {
      const left = rig.backend(round % rig.backends.length);
      rig.upstream.replace(originsOf(rig.backends.filter((one) => one !== left).map(({ endpoint }) => endpoint)));
      await sleep(DRAIN_MS);
      const before = (await left.seen()).reads;
      await sleep(500);
      late += (await left.seen()).reads - before;
      stillConnected += connectionsOf(rig)[round % rig.backends.length] ?? 0;
      rig.upstream.replace(originsOf(rig.backends.map(({ endpoint }) => endpoint)));
      await sleep(400);
    }
    const samples = await load.done;
    return found(
      `${rounds} changes: ${failed(samples)} errors of ${samples.length}; ${late} requests and ${stillConnected} connections to one that had left`,
      [
        failed(samples) > 0 && failures(samples),
        late > 0 && 'requests to one that had left',
        stillConnected > 0 && 'connections to one that had left',
      ],
    );
  },
};
