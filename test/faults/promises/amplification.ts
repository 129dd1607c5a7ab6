import { type FaultPromise, found } from './promise.ts';

const PER_SECOND = 200;
const FOR_MS = 2_000;
const RATES = Array.from({ length: 11 }, (_, tenth) => tenth / 10);

export const amplification: FaultPromise = {
  id: 'amplification',
  promises:
    'with 0, 10 ... 100 % of the answers UNAVAILABLE, retries and hedges on: requests at the backends <= 1.2 x calls + 10 a second',
  run: async ({ open }) => {
    await using rig = await open({ traffic: { hedge: true } });
    for (const backend of rig.backends) await backend.conduct({ afterMs: 5, failure: 'unavailable' });
    await rig.warmUp();
    const ratios: number[] = [];
    const problems: string[] = [];
    for (const failShare of RATES) {
      for (const backend of rig.backends) {
        await backend.conduct({ failShare });
        await backend.forget();
      }
      await rig.reconnect();
      const since = performance.now();
      const samples = await rig.load({ perSecond: PER_SECOND, forMs: FOR_MS, prefix: `amp-${failShare}` }).done;
      // Number of started seconds: each allows ten attempts.
      const seconds = Math.floor((performance.now() - since) / 1_000) + 1;
      const seen = await Promise.all(rig.backends.map((backend) => backend.seen()));
      const requests = seen.reduce((sum, { reads }) => sum + reads, 0);
      ratios.push(requests / samples.length);
      if (requests > 1.2 * samples.length + 10 * seconds)
        problems.push(`${requests} for ${samples.length} calls at ${failShare}`);
    }
    const bound = 1.2 + (10 * (FOR_MS / 1_000 + 1)) / ((PER_SECOND * FOR_MS) / 1_000);
    return found(
      `at most ${Math.max(...ratios).toFixed(3)} requests a call (bound ${bound.toFixed(3)}); by tenths of failures: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`,
      problems,
    );
  },
};
