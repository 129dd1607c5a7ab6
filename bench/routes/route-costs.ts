import { childResult } from '../harness/child-result.ts';

/** CPU of a request for one file of 10 KiB. */
export interface RouteCost {
  readonly name: string;
  /** In microseconds, by round. */
  readonly cpuUsByRound: readonly number[];
}

export const HAPROXY = 'HAProxy';
export const BY_HAND = 'node:http + undici, by hand';
export const GATEWAY = 'Tributary';
export const WITH_LOG = ' with a log';

/** A pass-through route with and without the access log, next to HAProxy and to code that does nothing else. */
export const routeCosts = (): Promise<readonly RouteCost[]> => childResult(new URL('./main.ts', import.meta.url));
