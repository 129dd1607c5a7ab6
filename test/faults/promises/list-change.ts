import { setTimeout as sleep } from 'node:timers/promises';
import { failed, failures } from '../load.ts';
import { type Rig, sourcesOf } from '../rig.ts';
import { until } from '../until.ts';
import { type FaultPromise, found, whole } from './promise.ts';

/** The last call in flight and the last connection may end this much later than the removal of their endpoint. */
const DRAIN_MS = 1_000;
const MAX_WAIT_MS = 20_000;

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
    let slowest = 0;
    for (let round = 0; round < rounds; round += 1) {
      const left = rig.backend(round % rig.backends.length);
      rig.upstream.replace(sourcesOf(rig.backends.filter((one) => one !== left).map(({ endpoint }) => endpoint)));
      const connections = () => connectionsOf(rig)[round % rig.backends.length] ?? 0;
      slowest = Math.max(slowest, await until(() => connections() === 0, MAX_WAIT_MS));
      const before = (await left.seen()).reads;
      await sleep(500);
      late += (await left.seen()).reads - before;
      stillConnected += connections();
      rig.upstream.replace(sourcesOf(rig.backends.map(({ endpoint }) => endpoint)));
      await sleep(400);
    }
    const samples = await load.done;
    return found(
      `${rounds} changes: ${failed(samples)} errors of ${samples.length}; ${late} requests and ${stillConnected} connections to one that had left, drained after ${whole(slowest)}`,
      [
        failed(samples) > 0 && failures(samples),
        late > 0 && 'requests to one that had left',
        stillConnected > 0 && 'connections to one that had left',
      ],
      [slowest > DRAIN_MS && 'drained late'],
    );
  },
};
