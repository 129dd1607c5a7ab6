import { setTimeout as sleep } from 'node:timers/promises';
import { between, failed, failures } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

/** Two endpoints in the gateway's zone, one in its region, one elsewhere. */
const PLACES = [
  { zone: 'a', region: 'eu' },
  { zone: 'a', region: 'eu' },
  { zone: 'b', region: 'eu' },
  { zone: 'c', region: 'us' },
] as const;

/** Time in which the circuits of three dead endpoints open, of which a new upstream knows nothing. */
const OPEN_MS = 2_000;

const readsOf = (rig: Rig): Promise<readonly number[]> =>
  Promise.all(rig.backends.map(async (backend) => (await backend.seen()).reads));

export const zoneLoss: FaultPromise = {
  id: 'zone-loss',
  promises:
    'kill -9 of both endpoints of the own zone: no failed read, all from its region; with the region lost, residency fails with SERVICE_UNAVAILABLE and sends nothing elsewhere; without it, elsewhere answers after 2 s',
  run: async ({ open, scale }) => {
    await using rig = await open({
      backends: PLACES.length,
      locality: { zone: 'a', region: 'eu' },
      placed: (index) => ({ zone: PLACES[index]?.zone ?? '', labels: { region: PLACES[index]?.region ?? '' } }),
      traffic: { balance: { residency: true } },
    });
    await rig.warmUp();
    const phaseMs = scale === 'full' ? 4_000 : 2_000;
    const load = rig.load({ perSecond: 200, forMs: 3 * phaseMs, prefix: 'zone' });
    await sleep(phaseMs);
    const before = await readsOf(rig);
    const [own, more, region, elsewhere] = [0, 1, 2, 3].map((index) => rig.backend(index));
    await Promise.all([own?.kill(), more?.kill()]);
    await sleep(phaseMs);
    const lostAt = load.now();
    await region?.kill();
    const samples = await load.done;
    // Without the reads in flight at the loss of the region.
    const zone = samples.filter(({ at, ms }) => at + ms < lostAt);
    const lost = between(samples, lostAt + 1_000, Number.POSITIVE_INFINITY);
    const codes = new Set(lost.map(({ outcome }) => outcome));
    const left = (await elsewhere?.seen())?.reads ?? 0;

    await rig.reconnect({ traffic: {} });
    const all = await rig.load({ perSecond: 200, forMs: OPEN_MS + phaseMs, prefix: 'abroad' }).done;
    const abroad = between(all, OPEN_MS, Number.POSITIVE_INFINITY);
    const answered = (await elsewhere?.seen())?.reads ?? 0;
    return found(
      `own zone ${before.join('/')} reads, then ${failed(zone)} errors of ${zone.length}; region lost: ${[...codes].join(', ')}, ${left} reads elsewhere; without residency ${failed(abroad)} errors of ${abroad.length}, ${answered} reads elsewhere`,
      [
        (before[2] ?? 0) + (before[3] ?? 0) > 0 && 'reads outside the own zone before the fault',
        failed(zone) > 0 && failures(zone),
        left > 0 && 'reads left the region',
        lost.length === 0 && 'no reads after the loss',
        (codes.size !== 1 || !codes.has('SERVICE_UNAVAILABLE')) && 'other outcomes',
        failed(abroad) > 0 && `without residency: ${failures(abroad)}`,
        answered === 0 && 'no reads elsewhere',
      ],
    );
  },
};
