import { setTimeout as sleep } from 'node:timers/promises';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

const EVERY_MS = 25;

/** Resets connections at random and refuses some for a moment, until `isOver` returns true. */
const disturb = async (rig: Rig, random: () => number, isOver: () => boolean): Promise<number> => {
  let resets = 0;
  while (!isOver()) {
    const { proxy } = rig.backend(Math.floor(random() * rig.backends.length));
    resets += proxy.cut(0.5);
    if (random() < 0.1) {
      await proxy.down();
      await sleep(5);
      await proxy.up();
    }
    await sleep(EVERY_MS * random() * 2);
  }
  return resets;
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
    const load = rig.load({ kind: 'write', perSecond: 500, forMs, prefix: 'w' });
    const state = { over: false };
    const disturbing = disturb(rig, random, () => state.over);
    const samples = await load.done;
    state.over = true;
    const resets = await disturbing;
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
      [
        twice > 0 && 'carried out twice',
        lies > 0 && 'reported and not done',
        resets < samples.length / 100 && 'hardly any reset',
      ],
    );
  },
};
