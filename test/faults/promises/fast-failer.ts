import { type FaultPromise, found, percent } from './promise.ts';
import { shareOf } from './slow-one.ts';

export const fastFailer: FaultPromise = {
  id: 'fast-failer',
  promises: '1 of 3 fails within 1 ms while the others take 10: after 1 s at most 5 % go there',
  run: async ({ open, scale }) => {
    await using rig = await open();
    for (const backend of rig.backends) await backend.conduct({ afterMs: 10 });
    await rig.warmUp();
    await rig.backend(0).conduct({ failShare: 1, failure: 'error', failAfterMs: 1 });
    const began = performance.now();
    const forMs = scale === 'full' ? 8_000 : 3_000;
    await rig.load({ perSecond: 300, forMs, prefix: 'fast' }).done;
    const share = shareOf(rig, 0, began + 1_000, began + forMs);
    return found(`${percent(share)} go there`, [share > 0.05 && 'too many go there']);
  },
};
