import { seeded } from '../support/random/seeded.ts';
import type { Bench, FaultPromise, Finding } from './promises/promise.ts';
import { type ProtocolName, protocolNamed } from './protocols.ts';
import { openRig, type RigLimits } from './rig.ts';

export interface BenchOptions {
  readonly protocol: ProtocolName;
  readonly seed: number;
  readonly scale: Bench['scale'];
  /** Remaining time for second and third runs in milliseconds, reduced by each. Default: unlimited. */
  readonly repeats?: { leftMs: number };
}

/**
 * Limits of calls and attempts for which the promise names none. Those of a full test are the gateway's; a quick one
 * counts outcomes on a machine that other tests use, and these must not depend on its load.
 */
const LIMITS: Readonly<Record<Bench['scale'], RigLimits>> = {
  full: { deadlineMs: 2_000, timeoutMs: 2_000, connectTimeoutMs: 1_000 },
  quick: { deadlineMs: 40_000, timeoutMs: 30_000, connectTimeoutMs: 100_000 },
};

/** A promise is broken if its test fails to run. */
const once = async (promise: FaultPromise, { protocol, seed, scale }: BenchOptions): Promise<Finding> => {
  const random = seeded(seed);
  const over = protocolNamed(protocol);
  const open: Bench['open'] = (options) => openRig(over, random, LIMITS[scale], options);
  try {
    return await promise.run({ protocol: over, random, scale, open });
  } catch (error) {
    return { figure: `could not be tested: ${error instanceof Error ? error.stack : error}`, verdict: 'broken' };
  }
};

/** Tests one promise. Counts and shares decide at once; if only times fail, the better two of three runs decide. */
export const putToTheTest = async (promise: FaultPromise, options: BenchOptions): Promise<Finding> => {
  const { repeats = { leftMs: Number.POSITIVE_INFINITY } } = options;
  const first = await once(promise, options);
  if (first.verdict === 'kept' || first.onlyTimes !== true || repeats.leftMs <= 0) return first;
  const since = performance.now();
  const again = await decided(promise, options, first);
  repeats.leftMs -= performance.now() - since;
  return again;
};

const decided = async (promise: FaultPromise, options: BenchOptions, first: Finding): Promise<Finding> => {
  const second = await once(promise, { ...options, seed: options.seed + 1 });
  if (second.verdict === 'broken')
    return { ...second, figure: `${second.figure} (and in a run before: ${first.figure})` };
  const third = await once(promise, { ...options, seed: options.seed + 2 });
  return { ...third, figure: `${third.figure} (the third of three runs; the first: ${first.figure})` };
};
