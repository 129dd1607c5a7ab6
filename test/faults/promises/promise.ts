import type { Protocol } from '../protocols.ts';
import type { Rig, RigOptions } from '../rig.ts';

/** Where a promise is put to the test. */
export interface Bench {
  readonly protocol: Protocol;
  /** At least 0, less than 1: the same numbers for the same seed. */
  readonly random: () => number;
  /** `quick` proves less, in a few seconds. */
  readonly scale: 'full' | 'quick';
  open(options?: RigOptions): Promise<Rig>;
}

export interface Finding {
  /** What was measured, in one line. */
  readonly figure: string;
  readonly verdict: 'kept' | 'broken';
  /** Whether nothing but times speaks against it: those depend on what else the machine does, and deserve another try. */
  readonly onlyTimes?: boolean;
}

/** Something that holds whatever goes wrong behind the gateway. */
export interface FaultPromise {
  /** Short, for the table and the command line. */
  readonly id: string;
  readonly promises: string;
  run(bench: Bench): Promise<Finding>;
}

type Problems = readonly (string | false)[];

/** `problems` are what speaks against it, and `times` those of them that are times: none is a promise that is kept. */
export const found = (figure: string, problems: Problems, times: Problems = []): Finding => {
  const [counted, timed] = [problems, times].map((all) => all.filter((problem) => problem !== false));
  const all = [...(counted ?? []), ...(timed ?? [])];
  if (all.length === 0) return { figure, verdict: 'kept' };
  return { figure: `${figure} [${all.join('; ')}]`, verdict: 'broken', onlyTimes: counted?.length === 0 };
};

export const whole = (ms: number): string => `${Math.round(ms)} ms`;
export const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
