import type { Protocol } from '../protocols.ts';
import type { Rig, RigOptions } from '../rig.ts';

/** Environment of one test of a promise. */
export interface Bench {
  readonly protocol: Protocol;
  /** At least 0, less than 1; equal seeds yield equal numbers. */
  readonly random: () => number;
  /** `quick` proves less, in a few seconds. */
  readonly scale: 'full' | 'quick';
  open(options?: RigOptions): Promise<Rig>;
}

export interface Finding {
  /** The measurement, in one line. */
  readonly figure: string;
  readonly verdict: 'kept' | 'broken';
  /** True if only times failed: they depend on the load of the machine, and deserve another run. */
  readonly onlyTimes?: boolean;
}

/** A promise that holds under every fault behind the gateway. */
export interface FaultPromise {
  /** Short, for the table and the command line. */
  readonly id: string;
  readonly promises: string;
  run(bench: Bench): Promise<Finding>;
}

type Problems = readonly (string | false)[];

/**
 * Makes a finding. `problems` are violations, `times` those among them that are times; without any, the promise is
 * kept.
 */
export const found = (figure: string, problems: Problems, times: Problems = []): Finding => {
  const [counted, timed] = [problems, times].map((all) => all.filter((problem) => problem !== false));
  const all = [...(counted ?? []), ...(timed ?? [])];
  if (all.length === 0) return { figure, verdict: 'kept' };
  return { figure: `${figure} [${all.join('; ')}]`, verdict: 'broken', onlyTimes: counted?.length === 0 };
};

export const whole = (ms: number): string => `${Math.round(ms)} ms`;
export const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
