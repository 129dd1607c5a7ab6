import { median, type Sample } from '../load.ts';
import type { TimedEvent } from '../rig.ts';
import { type FaultPromise, found, percent } from './promise.ts';

const WINDOW_MS = 250;

/** Number of addresses with an attempt in each window of this time. */
const reachedIn = (events: readonly TimedEvent[], from: number, to: number): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / WINDOW_MS) }, (_, index) => {
    const start = from + index * WINDOW_MS;
    const within = events.filter(({ time }) => time >= start && time < start + WINDOW_MS);
    return new Set(within.flatMap((event) => (event.is === 'attempt' ? [event.address] : []))).size;
  });

const good = (samples: readonly Sample[]): number =>
  samples.filter(({ outcome }) => outcome === 'ok').length / samples.length;

export const ejectionCap: FaultPromise = {
  id: 'ejection-cap',
  promises:
    'all 3 fail every second call: never more than 1 is kept out at a time, and no call is refused for want of an endpoint',
  run: async ({ open }) => {
    await using rig = await open();
    for (const backend of rig.backends) await backend.conduct({ afterMs: 2 });
    await rig.warmUp();
    for (const backend of rig.backends) await backend.conduct({ failShare: 0.5, failure: 'error', failAfterMs: 2 });
    const since = performance.now();
    const samples = await rig.load({ perSecond: 300, forMs: 8_000, prefix: 'cap' }).done;
    const reached = reachedIn(rig.events, since, since + 8_000);
    const least = Math.min(...reached);
    const refused = rig.events.filter((event) => event.is === 'refusal' && event.reason === 'no-endpoint').length;
    const opened = rig.events.filter((event) => event.is === 'circuit' && event.to === 'open').length;
    return found(
      `${opened} openings; at least ${least} of 3 in use in each ${WINDOW_MS} ms (median ${median(reached)}); ${refused} refused, ${percent(good(samples))} answered`,
      [
        least < 2 && 'more than one was kept out',
        refused > 0 && 'calls were refused',
        opened === 0 && 'no circuit ever opened',
      ],
    );
  },
};
