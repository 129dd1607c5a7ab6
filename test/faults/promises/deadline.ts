import { median, quantile, type Sample } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

const MIN_MS = 30;
const SPAN_MS = 170;

/** Times left that backends received, by id of the call. */
const deadlinesIn = async (rig: Rig): Promise<ReadonlyMap<string, readonly (number | null)[]>> => {
  const deadlines = new Map<string, (number | null)[]>();
  for (const backend of rig.backends)
    for (const [id, times] of Object.entries((await backend.seen()).deadlines))
      deadlines.set(id, [...(deadlines.get(id) ?? []), ...times]);
  return deadlines;
};

export const deadline: FaultPromise = {
  id: 'deadline',
  promises:
    'random delays, deadlines of 30 to 200 ms: no answer later than its deadline + 50 ms; the deadline sent to a backend is never more than what is left',
  run: async ({ open, random, scale }) => {
    await using rig = await open({ timeoutMs: 100 });
    await rig.warmUp();
    for (const backend of rig.backends)
      await backend.conduct({ afterMs: 1, jitterMs: 150, failShare: 0.05, failure: 'unavailable' });
    const count = scale === 'full' ? 10_000 : 600;
    const limits = Array.from({ length: count }, () => Math.round(MIN_MS + SPAN_MS * random()));
    const limitOf = (id: string): number => limits[Number(id.split('-')[1])] ?? 0;
    const samples = await rig.load({
      perSecond: 400,
      forMs: (count / 400) * 1_000,
      prefix: 'd',
      deadlineMs: (index) => limits[index] ?? 0,
      timed: true,
    }).done;
    const overtime = ({ id, ms, startedLateMs }: Sample) => ms - startedLateMs - limitOf(id);
    const late = samples.filter((sample) => overtime(sample) > 50);
    // A late timer next to the call shows that this process did not run: no stack can do better.
    const inexcusable = late.filter((sample) => overtime(sample) - Math.max(0, sample.timerLateMs ?? 0) > 50);
    const latest = Math.max(...samples.map(overtime));
    const deadlines = await deadlinesIn(rig);
    const times = [...deadlines].flatMap(([id, all]) => all.map((ms) => ({ ms, limit: limitOf(id) })));
    const ofCalls = times.filter(({ limit }) => limit > 0);
    const tooMuch = ofCalls.filter(({ ms, limit }) => ms === null || ms > limit || ms > 100).length;
    const timeouts = samples.filter(({ outcome }) => outcome === 'TIMEOUT').length;
    const spare = median(ofCalls.map(({ ms, limit }) => limit - (ms ?? 0)));
    return found(
      `${inexcusable.length} of ${samples.length} later than that (${late.length} with those for which a bare timer was late, too), the latest by ${Math.round(latest)} ms (p99 ${Math.round(quantile(samples.map(overtime), 0.99))} ms); ${timeouts} TIMEOUT; ${tooMuch} of ${ofCalls.length} attempts were sent too long a deadline (median spare ${Math.round(spare)} ms)`,
      [tooMuch > 0 && 'too long a deadline was sent', timeouts < count / 20 && 'hardly anything ran out of time'],
      [inexcusable.length > 0 && 'too late'],
    );
  },
};
