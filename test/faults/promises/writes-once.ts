import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

const EVERY_MS = 25;

const PER_SECOND = 500;
/** Maximum number of loads: on a busy machine one load meets few resets. */
const MAX_LOADS = 20;

interface Disturbance {
  resets: number;
  over: boolean;
}

/** Resets connections at random and refuses some for a moment, until it is over. */
const disturb = async (rig: Rig, random: () => number, disturbance: Disturbance): Promise<void> => {
  while (!disturbance.over) {
    const { proxy } = rig.backend(Math.floor(random() * rig.backends.length));
    disturbance.resets += proxy.cut(0.5);
    if (random() < 0.1) {
      await proxy.down();
      await sleep(5);
      await proxy.up();
    }
    await sleep(EVERY_MS * random() * 2);
  }
};

export const writesOnce: FaultPromise = {
  id: 'writes-once',
  promises:
    'writes under random resets and refused connections: none is carried out twice, and what was reported as done was done',
  run: async ({ open, random, scale }) => {
    await using rig = await open();
    for (const backend of rig.backends) await backend.conduct({ afterMs: 2, jitterMs: 10 });
    await rig.warmUp();
    const forMs = scale === 'full' ? 20_000 : 1_500;
    const enough = (PER_SECOND * forMs) / 1_000 / 100;
    const disturbance: Disturbance = { resets: 0, over: false };
    const disturbing = disturb(rig, random, disturbance);
    const samples: Sample[] = [];
    for (let load = 0; load < MAX_LOADS && disturbance.resets < enough; load += 1)
      samples.push(...(await rig.load({ kind: 'write', perSecond: PER_SECOND, forMs, prefix: `w${load}` }).done));
    disturbance.over = true;
    await disturbing;
    const { resets } = disturbance;
    const ledger = new Map<string, number>();
    for (const backend of rig.backends)
      for (const [id, times] of Object.entries((await backend.seen()).ledger))
        ledger.set(id, (ledger.get(id) ?? 0) + times);
    const twice = [...ledger.values()].filter((times) => times > 1).length;
    const done = samples.filter(({ outcome }) => outcome === 'ok');
    const lies = done.filter(({ id }) => !ledger.has(id)).length;
    const retries = rig.events.filter(({ is }) => is === 'retry').length;
    return found(
      `${samples.length} writes, ${resets} resets: ${twice} carried out twice, ${done.length} reported as done of which ${lies} were not; ${samples.length - done.length} failed, ${retries} sent again that had not left`,
      [twice > 0 && 'carried out twice', lies > 0 && 'reported and not done', resets < enough && 'hardly any reset'],
    );
  },
};
