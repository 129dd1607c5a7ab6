import { setTimeout as sleep } from 'node:timers/promises';
import { between, failed, failures, lateness, p99, p99BySecond } from '../load.ts';
import { type FaultPromise, found, whole } from './promise.ts';

const TIMEOUT_MS = 250;
const TIMERS = 50;

/** Maximum delay of timers of one attempt's length in a busy process, over the first second. */
const latest = async (): Promise<number> => {
  const late = Array.from({ length: TIMERS }, async (_, at) => {
    await sleep((at * 1_000) / TIMERS);
    return await lateness(TIMEOUT_MS);
  });
  return Math.max(...(await Promise.all(late)));
};

export const freezeOne: FaultPromise = {
  id: 'freeze-one',
  promises: `SIGSTOP of 1 of 3, attempts of ${TIMEOUT_MS} ms: no error; found out within 5 timeouts or 2 s; meanwhile p99 <= one timeout (as late as a bare timer is) + base`,
  run: async ({ open, scale }) => {
    await using rig = await open({ timeoutMs: TIMEOUT_MS });
    for (const backend of rig.backends) await backend.conduct({ afterMs: 20 });
    await rig.warmUp();
    const [baseMs, afterMs] = scale === 'full' ? [5_000, 8_000] : [2_000, 3_000];
    const load = rig.load({ perSecond: 300, forMs: baseMs + afterMs, prefix: 'freeze' });
    await sleep(baseMs);
    const frozen = rig.backend(0);
    const frozenAt = { load: load.now(), time: performance.now() };
    frozen.freeze();
    const timersLate = latest();
    const samples = await load.done;
    const late = await timersLate;
    frozen.thaw();
    const ofFrozen = rig.events.filter(
      (event) => 'address' in event && event.address === frozen.address && event.time > frozenAt.time,
    );
    const opening = ofFrozen.find((event) => event.is === 'circuit' && event.to === 'open');
    const detectedMs = (opening?.time ?? Number.POSITIVE_INFINITY) - frozenAt.time;
    const timeouts = ofFrozen.filter(({ is, time }) => is === 'attempt' && time <= (opening?.time ?? 0)).length;
    const base = p99BySecond(samples, 1_000, baseMs);
    const during = p99(between(samples, frozenAt.load, frozenAt.load + Math.min(detectedMs, afterMs)));
    const errors = failed(samples);
    return found(
      `${errors} errors of ${samples.length}; found out after ${whole(detectedMs)}, ${timeouts} timeouts; p99 ${whole(during)} meanwhile, base ${whole(base)}, timers up to ${whole(late)} late`,
      [errors > 0 && failures(samples)],
      [detectedMs > 2_000 && timeouts > 5 && 'found out late', during > TIMEOUT_MS + late + base && 'slow meanwhile'],
    );
  },
};
