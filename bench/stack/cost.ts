import { childResult } from '../harness/child-result.ts';
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
export const stackCosts = (): Promise<readonly StackCost[]> => childResult(new URL('./main.ts', import.meta.url));
