import { cpuOf } from '../harness/proc.ts';
import { quantile } from '../harness/statistics.ts';
import { pace } from '../load/pace.ts';
import { saturate } from '../load/saturate.ts';
import { send } from '../load/send.ts';
import type { Target } from '../load/target.ts';

/** A quantity of which less is better. */
export interface Quantity {
  /** Name and unit, as in tables. */
  readonly title: string;
  /** Prepares a warm server. The result measures it once. */
  readonly of: (target: Target) => Promise<() => Promise<number>>;
  /** Maximum of the ratio to the other version. Default: no verdict. */
  readonly most?: number;
}

/** Requests of a slice. */
const SLICE = 100;

/** CPU of a request. */
export const cpu: Quantity = {
  title: 'CPU µs',
  of: async (target) => async () => {
    const before = cpuOf(target.server.pid);
    await send(target, SLICE);
    return (cpuOf(target.server.pid) - before) / SLICE;
  },
};

const PROBE_MS = 3_000;
const SHARE_OF_MAXIMUM = 0.6;
const PACED_MS = 2_000;

/** 99th percentile of latency at 60 % of a server's own maximum. */
export const latency: Quantity = {
  title: 'p99 ms at 60 % of its own maximum',
  of: async (target) => {
    const { answers, seconds } = await saturate(target, PROBE_MS);
    const perSecond = (SHARE_OF_MAXIMUM * answers) / seconds;
    return async () => quantile(await pace(target, perSecond, PACED_MS), 0.99);
  },
  most: 1,
};
