import { setTimeout as sleep } from 'node:timers/promises';
import { ANONYMOUS } from '../../../src/request/principal.ts';
import type { CallOrigin } from '../../../src/upstream/routing/call-origin.ts';
import { between, failed, failures, p99BySecond, type Sample } from '../load.ts';
import { until } from '../until.ts';
import { type FaultPromise, found, whole } from './promise.ts';

const TRAFFIC = {
  routing: {
    subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } },
    routes: [
      { when: { header: { 'x-beta': 'safe' } }, to: 'v2', fallback: 'v1' },
      { when: { header: { 'x-beta': 'on' } }, to: 'v2' },
      { to: 'v1' },
    ],
  },
} as const;

/** Values of `x-beta` in turn: with a fallback, without one, and of the other subset. */
const KINDS = ['safe', 'on', 'off'] as const;
type Kind = (typeof KINDS)[number];

const originOf = (kind: Kind): CallOrigin => ({
  headers: { 'x-beta': kind },
  principal: ANONYMOUS,
  clientAddress: '',
  operation: null,
});

const kindAt = (index: number): Kind => KINDS[index % KINDS.length] ?? 'off';

const ofKind = (samples: readonly Sample[], kind: Kind): readonly Sample[] =>
  samples.filter(({ id }) => kindAt(Number(id.split('-')[1])) === kind);

/** Time in which the circuits of the killed endpoints open. */
const OPEN_MS = 2_000;
/** Open circuits of an endpoint that is down for 6 s wait for 8 s at most. */
const MAX_BACK_MS = 15_000;

export const subsetLoss: FaultPromise = {
  id: 'subset-loss',
  promises:
    'kill -9 of both endpoints of a subset: 2 s later calls with a fallback are all answered, those without are SERVICE_UNAVAILABLE, at most 20 ms slower (p99) than answers of the other subset; the other subset loses nothing; after the restart all are answered within 15 s',
  run: async ({ open, scale }) => {
    await using rig = await open({
      backends: 4,
      traffic: TRAFFIC,
      placed: (index) => ({ labels: { version: index < 2 ? 'v1' : 'v2' } }),
    });
    await rig.warmUp();
    const downMs = scale === 'full' ? 6_000 : 4_000;
    const loadFor = (forMs: number) =>
      rig.load({ perSecond: 300, forMs, prefix: 'subset', as: (index) => ({ origin: originOf(kindAt(index)) }) });
    const load = loadFor(1_000 + downMs);
    await sleep(1_000);
    const killedAt = load.now();
    const lost = [rig.backend(2), rig.backend(3)];
    await Promise.all(lost.map((backend) => backend.kill()));
    const samples = await load.done;
    await Promise.all(lost.map((backend) => backend.restart()));
    let back: readonly Sample[] = [];
    const backMs = await until(async () => {
      back = await loadFor(1_000).done;
      return failed(back) === 0;
    }, MAX_BACK_MS);
    const [safe, on, off] = KINDS.map((kind) => ofKind(samples, kind));
    if (safe === undefined || on === undefined || off === undefined) throw new Error('three kinds are needed');
    const down = [killedAt + OPEN_MS, Number.POSITIVE_INFINITY] as const;
    const seconds = [killedAt + OPEN_MS, killedAt + downMs] as const;
    const early = between(safe, killedAt, down[0]);
    const later = between(safe, ...down);
    const declared = between(on, ...down);
    const slower = p99BySecond(on, ...seconds) - p99BySecond(off, ...seconds);
    const others = declared.filter(({ outcome }) => outcome !== 'SERVICE_UNAVAILABLE');
    return found(
      `with a fallback ${failed(early)} errors of ${early.length} in 2 s, then ${failed(later)} of ${later.length}; without one ${declared.length - others.length} of ${declared.length} SERVICE_UNAVAILABLE, p99 ${whole(slower)} slower than the other subset; that one ${failed(off)} errors of ${off.length}; all answered ${whole(backMs)} after the restart`,
      [
        failed(off) > 0 && `the other subset: ${failures(off)}`,
        failed(later) > 0 && `with a fallback: ${failures(later)}`,
        declared.length === 0 && 'no calls without a fallback',
        others.length > 0 && 'other outcomes without a fallback',
        failed(back) > 0 && `after the restart: ${failures(back)}`,
      ],
      [slower > 20 && 'slow to fail'],
    );
  },
};
