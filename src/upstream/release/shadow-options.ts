import type { z } from 'zod';
import { group, listOption, milliseconds, required, shareAboveNone, textFix, whole } from '../option-kinds.ts';

/** Reads that are also sent to another subset. */
export const SHADOW = group({
  /** Subset that receives the copies. Required. */
  to: required<string>("to: 'v2'", textFix),
  /** Share of the reads. Default 0.01: enough to find differences, without load that matters. */
  share: shareAboveNone.default(0.01),
  /** Timeout of a copy. Default 2,000: as `timeoutMs`. */
  timeoutMs: milliseconds(1).default(2_000),
  /** Copies in flight at one time; while there are as many, no further read is copied. Default 8: a hung subset keeps few answers in memory. */
  inFlight: whole(1).default(8),
  /** Paths that are not compared, as in `items[].updatedAt`; includes everything below. Default none. */
  ignore: listOption<string>(textFix).default([]),
});

export interface ShadowOptions extends z.input<typeof SHADOW> {}
export type ShadowSettings = z.output<typeof SHADOW>;
