import { setTimeout as sleep } from 'node:timers/promises';
import { failed, failures } from '../load.ts';
import { type FaultPromise, found, percent } from './promise.ts';
import { shareOf } from './slow-one.ts';

const FAIR = 1 / 3;

export const panic: FaultPromise = {
  id: 'panic',
  promises: '2 of 3 say that they are unhealthy: all three are used, and none gets more than 1.5 x its fair share',
  run: async ({ open }) => {
    await using rig = await open({ checks: { intervalMs: 200, timeoutMs: 1_000 } });
    await rig.warmUp();
    for (const index of [1, 2]) await rig.backend(index).conduct({ healthy: false });
    const down = () => rig.upstream.status().endpoints.filter(({ state }) => state === 'down').length;
    for (let tries = 0; tries < 50 && down() < 2; tries += 1) await sleep(100);
    const isDown = down();
    const since = performance.now();
    const samples = await rig.load({ perSecond: 300, forMs: 4_000, prefix: 'panic' }).done;
    const shares = rig.backends.map((_, index) => shareOf(rig, index, since, Number.POSITIVE_INFINITY));
    const most = Math.max(...shares);
    return found(
      `${isDown} down by their checks; shares ${shares.map(percent).join(', ')}: at most ${(most / FAIR).toFixed(2)} x fair; ${failed(samples)} errors`,
      [
        isDown !== 2 && 'not two are down',
        most > 1.5 * FAIR && 'one gets too much',
        failed(samples) > 0 && failures(samples),
      ],
    );
  },
};
