import { BROKEN_SHAPES, type Shape } from '../backend/conduct.ts';
import { failed, failures } from '../load.ts';
import type { Rig } from '../rig.ts';
import { type FaultPromise, found } from './promise.ts';

type Fault = Exclude<Shape, 'bomb' | 'large' | 'endless' | 'whole'> | 'limit_data' | 'reset_peer';

const FAULTS: readonly Fault[] = [...BROKEN_SHAPES, 'trickle', 'limit_data', 'reset_peer'];

/** Timeout of one attempt, which ends a trickling answer and no other, on a busy machine either. */
const TIMEOUT_MS = { full: 250, quick: 3_000 };

/** A third of them need another attempt, which the budget allows at this rate: a fifth, and ten a second. */
const PER_SECOND = 60;

/** Makes one backend answer in this shape. Returns a function that restores it. */
const spoil = async (rig: Rig, fault: Fault): Promise<() => Promise<void>> => {
  const backend = rig.backend(0);
  const { proxy } = backend;
  if (fault === 'limit_data' || fault === 'reset_peer') {
    // In the middle of answers, on reused connections.
    proxy.add(fault === 'limit_data' ? { is: 'limit_data', bytes: 2_500 } : { is: 'reset_peer' });
    return async () => proxy.clear();
  }
  await backend.shape(fault);
  return () => backend.shape('whole');
};

const tryOut = async (rig: Rig, fault: Fault, perFault: number) => {
  await rig.reconnect();
  await rig.call('read', `${fault}-first`);
  const undo = await spoil(rig, fault);
  const reads = await rig.load({ perSecond: PER_SECOND, forMs: (perFault * 1_000) / PER_SECOND, prefix: fault }).done;
  const met = rig.events.filter((event) => event.is === 'attempt' && event.outcome !== 'ok').length;
  await rig.load({ kind: 'write', perSecond: 100, forMs: 150, prefix: `${fault}-w` }).done;
  await undo();
  return { reads, met };
};

export const brokenAnswers: FaultPromise = {
  id: 'broken-answers',
  promises:
    'reset midway, truncated, wrong length, unfinished, garbage, trickling, cut by the network: reads are right, from another endpoint; a write is 1 attempt (in turn and without circuits, so that the broken one is asked again and again)',
  run: async ({ open, scale }) => {
    await using rig = await open({
      timeoutMs: TIMEOUT_MS[scale],
      traffic: { circuit: false, balance: { policy: 'round-robin' } },
    });
    await rig.warmUp();
    const perFault = scale === 'full' ? 120 : 15;
    const problems: string[] = [];
    let reads = 0;
    let spoiled = 0;
    let wrong = 0;
    let errors = 0;
    for (const fault of FAULTS) {
      const { reads: samples, met } = await tryOut(rig, fault, perFault);
      spoiled += met;
      if (met === 0) problems.push(`${fault} was never met`);
      reads += samples.length;
      wrong += samples.filter(({ outcome }) => outcome === 'wrong').length;
      errors += failed(samples);
      if (failed(samples) > 0) problems.push(`${fault}: ${failures(samples)}`);
    }
    const times = (await Promise.all(rig.backends.map((one) => one.seen()))).flatMap(({ ledger }) =>
      Object.entries(ledger),
    );
    const executed = new Map<string, number>();
    for (const [id, count] of times) executed.set(id, (executed.get(id) ?? 0) + count);
    const most = Math.max(...executed.values());
    return found(
      `${FAULTS.length} faults, met by ${spoiled} attempts: ${wrong} wrong, ${errors} errors of ${reads} reads; each of ${executed.size} writes carried out ${most} time(s) at most`,
      [...problems, most > 1 && 'a write was sent again'],
    );
  },
};
