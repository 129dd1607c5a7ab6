import type { z } from 'zod';
import { type Fix, group, milliseconds, option, required, shareOption, textFix, whole } from '../option-kinds.ts';

const isPercent = (value: unknown): value is number => typeof value === 'number' && value > 0 && value <= 100;

const stepsFix: Fix = (value) => {
  const steps: readonly unknown[] = Array.isArray(value) ? value : [];
  const rises = steps.every((step, at) => isPercent(step) && step > Number(steps[at - 1] ?? 0));
  return steps.length > 0 && rises ? null : 'use rising percentages, as in [1, 5, 25, 100]';
};

/** A guarded canary of a route between two subsets. */
export const CANARY = group({
  /** The subset that receives no more calls of the route once it is worse than the other one. Required. */
  subset: required<string>("subset: 'v2'", textFix),
  /** Calls of the canary before a decision. Default 200: of 5 % errors, ten are expected. */
  minCalls: whole(1).default(200),
  /**
   * Difference of the shares of failed calls above which the canary is worse. Default 0.01: a smaller one is not worth a
   * stop.
   */
  errorGap: shareOption.default(0.01),
  /**
   * Milliseconds by which the slowest tenth of the canary's calls may be slower. Default none: latency stops no canary.
   */
  latencyGapMs: milliseconds(0).optional(),
  /** Percentages of the canary, in place of the weights of `to`. Default none: the weights stay. */
  steps: option<readonly number[]>(stepsFix).optional(),
  /** Shortest time of a step. Default 600,000: several scrapes of the metrics and a look at them. */
  holdMs: milliseconds(0).default(600_000),
});

export interface CanaryOptions extends z.input<typeof CANARY> {}
export type CanarySettings = z.output<typeof CANARY>;
