import { failed, failures } from '../load.ts';
import { type FaultPromise, found, percent, whole } from './promise.ts';

const MIN_CALLS = 100;
const FAIL_SHARE = 0.3;
const PER_SECOND = 300;

const TRAFFIC = {
  retry: false,
  routing: {
    subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
    routes: [{ to: { v1: 90, v2: 10 }, canary: { subset: 'v2', minCalls: MIN_CALLS } }],
  },
} as const;

export const badCanary: FaultPromise = {
  id: 'canary',
  promises: `a guarded canary with ${percent(FAIL_SHARE)} errors at 10 % of the reads: weight 0 within 2 x minCalls (${MIN_CALLS}) of its calls; only its own calls fail; then no error and no read of it`,
  run: async ({ open }) => {
    await using rig = await open({
      traffic: TRAFFIC,
      placed: (index) => ({ labels: { version: index === 2 ? 'v2' : 'v1' } }),
    });
    await rig.warmUp();
    // Without the counts of the warm-up.
    await rig.reconnect();
    const canary = rig.backend(2);
    await canary.conduct({ failShare: FAIL_SHARE });
    const load = rig.load({ perSecond: PER_SECOND, forMs: 9_000, prefix: 'canary' });
    const began = performance.now();
    const samples = await load.done;
    const stop = rig.events.find((event) => event.is === 'canary' && event.to === 'stopped');
    const stoppedMs = (stop?.time ?? Number.POSITIVE_INFINITY) - began;
    const { reads, arrivals } = await canary.seen();
    const stoppedAt = Date.now() - (performance.now() - (stop?.time ?? 0));
    // Reads in flight at the stop.
    const late = arrivals.filter((time) => time > stoppedAt + 1_000).length;
    const weight = rig.upstream.status().routing?.weights.v2;
    const errors = failed(samples);
    const after = samples.filter(({ at }) => at > stoppedMs + 1_000);
    return found(
      `stopped after ${whole(stoppedMs)} and ${reads} of its reads; ${errors} errors of ${samples.length}; later ${failed(after)} of ${after.length}, ${late} reads of it`,
      [
        stop === undefined && 'not stopped',
        weight !== 0 && `its weight is ${weight}`,
        reads > 2 * MIN_CALLS && 'too many reads of the canary',
        errors > reads && `errors of others: ${failures(samples)}`,
        after.length === 0 && 'no reads after the stop',
        failed(after) > 0 && `errors after the stop: ${failures(after)}`,
        late > 0 && 'reads of the canary after the stop',
      ],
    );
  },
};
