import { ANONYMOUS } from '../../../src/request/principal.ts';
import type { TrafficOptions } from '../../../src/upstream/options.ts';
import type { CallOrigin } from '../../../src/upstream/routing/call-origin.ts';
import { failed, failures, p99, type Sample } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found, whole } from './promise.ts';

const SERVICE_MS = 10;
const SLICE_READS = 100;
const CALLERS = 8;

const ROUTING = { subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } }, routes: [{ to: 'v1' }] } as const;
const WITHOUT: TrafficOptions = { routing: ROUTING };
const WITH: TrafficOptions = { routing: { ...ROUTING, shadow: { to: 'v2', share: 1 } } };

/** Reads of a few callers, each of which waits for its answer: a busy machine takes longer, and no queue forms. */
const slice = async ({ call }: Pick<Rig, 'call'>, prefix: string): Promise<readonly Sample[]> => {
  const samples: Sample[] = [];
  let next = 0;
  const caller = async () => {
    while (next < SLICE_READS) {
      const id = `${prefix}-${next}`;
      next += 1;
      const since = performance.now();
      const outcome = await call('read', id);
      samples.push({ at: 0, ms: performance.now() - since, startedLateMs: 0, timerLateMs: null, outcome, id });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return samples;
};

const ofMutation: CallOrigin = {
  headers: {},
  principal: ANONYMOUS,
  clientAddress: '',
  operation: { name: null, kind: 'mutation', argument: () => [] },
};

export const hungShadow: FaultPromise = {
  id: 'shadow',
  promises:
    'every read is also for a shadow that is frozen (SIGSTOP): no error, p99 <= 1.1 x that without a shadow (10,000 reads each way, in alternating slices); a planted difference is found by its path; no mutation reaches the shadow',
  run: async ({ open, scale }) => {
    await using rig = await open({
      traffic: WITH,
      placed: (index) => ({ labels: { version: index === 2 ? 'v2' : 'v1' } }),
    });
    await Promise.all(rig.backends.map((backend) => backend.conduct({ afterMs: SERVICE_MS })));
    await rig.warmUp();
    const shadow = rig.backend(2);

    await shadow.forget();
    const writes = await rig.load({ perSecond: 200, forMs: 1_000, kind: 'write', prefix: 'write' }).done;
    const as = () => ({ origin: ofMutation });
    const ofMutations = await rig.load({ perSecond: 200, forMs: 1_000, prefix: 'mutation', as }).done;
    const copied = await shadow.seen();
    const mutations = copied.reads + copied.writes;

    await shadow.conduct({ addedText: ' Planted.' });
    rig.events.length = 0;
    await rig.load({ perSecond: 50, forMs: 1_000, prefix: 'planted' }).done;
    const compared = rig.events.flatMap((event) => (event.is === 'shadow' ? [event] : []));
    const paths = new Set(compared.flatMap(({ differences }) => differences.map(({ path }) => path)));
    const differing = compared.filter(({ outcome }) => outcome === 'different').length;

    // Slices of the two in turn, so that the machine is as busy for one as for the other.
    await using plain = rig.another({ traffic: WITHOUT });
    const slices = scale === 'full' ? 100 : 10;
    await slice(plain, 'warm');
    shadow.freeze();
    const withShadow: Sample[] = [];
    const without: Sample[] = [];
    for (let at = 0; at < slices; at += 1) {
      const [first, second] = at % 2 === 0 ? [rig, plain] : [plain, rig];
      for (const one of [first, second]) (one === rig ? withShadow : without).push(...(await slice(one, `slice${at}`)));
    }
    shadow.thaw();
    const all = [...writes, ...ofMutations, ...withShadow, ...without];
    const ratio = p99(withShadow) / p99(without);
    return found(
      `${failed(all)} errors; ${withShadow.length} reads with a frozen shadow: p99 ${whole(p99(withShadow))}, without ${whole(p99(without))}, ratio ${ratio.toFixed(2)}; ${differing} of ${compared.length} copies differ, at ${[...paths].join(', ')}; ${mutations} mutations copied of ${writes.length + ofMutations.length}`,
      [
        failed(all) > 0 && failures(all),
        mutations > 0 && 'mutations reached the shadow',
        (compared.length === 0 || differing < compared.length) && 'differences not found',
        (paths.size !== 1 || !paths.has('text')) && 'other paths',
      ],
      [ratio > 1.1 && 'slow with a shadow'],
    );
  },
};
