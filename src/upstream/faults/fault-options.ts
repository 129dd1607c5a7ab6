import { z } from 'zod';
import { group, milliseconds, option, shareAboveNone, textFix } from '../option-kinds.ts';
import { WHEN } from '../routing/route-options.ts';

const abortFix = (value: unknown): string | null => {
  if (value === 'reset' || (Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599)) return null;
  return typeof value === 'string' && /^[A-Z_]+$/.test(value)
    ? null
    : "use 'reset', an HTTP status from 400 to 599, or the name of a gRPC status such as UNAVAILABLE";
};

/** A fault for a share of the attempts of an upstream, set by operators. */
const FAULT = group({
  /** Share of the attempts, above 0, at most 1. */
  share: shareAboveNone,
  /** Delay before the attempt is sent, in milliseconds. */
  delayMs: milliseconds(1).optional(),
  /** HTTP status of a REST upstream, name of a gRPC status, or `reset` for a lost connection. Nothing is sent. */
  abort: option<number | string>(abortFix).optional(),
  /** Route of the calls, as metrics name it. Default: all. */
  route: option<string>(textFix).optional(),
  /** Subset of the calls. Default: all. */
  subset: option<string>(textFix).optional(),
  /** Headers of the client's request, as in the `when` of a route. Default: none. */
  header: WHEN.shape.header,
}).refine(({ delayMs, abort }) => delayMs !== undefined || abort !== undefined, 'add delayMs, abort or both');

export const FAULTS = z.array(FAULT).min(1).max(20).readonly();

export type InjectedFault = z.output<typeof FAULT>;
