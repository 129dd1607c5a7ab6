import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Interval } from '../harness/statistics.ts';

interface Side {
  readonly name: string;
  /** For one call. */
  readonly cpuUs: number;
}

/** A call of OrderPage, by a bare client and through every layer with its defaults. */
export interface StackCost {
  readonly bare: Side;
  readonly layers: Side;
  readonly ratio: Interval;
}

/** REST, then gRPC. */
export const stackCosts = async (): Promise<readonly StackCost[]> => {
  const child = fork(new URL('./main.ts', import.meta.url), { stdio: 'inherit' });
  const [costs]: unknown[] = await once(child, 'message');
  child.disconnect();
  return costs as readonly StackCost[]; // what main.ts sends
};
