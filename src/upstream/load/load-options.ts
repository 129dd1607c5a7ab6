import type { z } from 'zod';
import { atLeast, group, milliseconds, option, percentileOption, positiveOption, whole } from '../option-kinds.ts';

/* Options of the policies that use what endpoints report. The line of an option and its comment are as in ../options.ts. */

export const REPORTS = group({
  /**
   * gRPC: requests a report this often over `xds.service.orca.v3.OpenRcaService`; reports in answers are ignored then; 0
   * for reports in answers. Default 0: gRPC's: no further calls. gRPC requests one every 10,000.
   */
  outOfBandMs: milliseconds(0).default(0),
  /** Reports count once an endpoint has sent them for this long. Default 10,000: gRPC's: the first ones are of a cold process. */
  blackoutMs: milliseconds(0).default(10_000),
  /** A weight is unknown after this long without a report. Default 180,000: gRPC's. */
  expirationMs: milliseconds(1).default(180_000),
  /** Multiple of the share of failed calls that counts as utilization. Default 1: gRPC's: an endpoint that fails half of its calls counts as half as busy again. */
  errorPenalty: atLeast(0).default(1),
});

const PATH = /^\/[\x21\x22\x24-\x7e]*$/;

export const PROBES = group({
  /**
   * Path of a probe, whose answer has a load report: REST: `GET` below the endpoint's base path; gRPC:
   * `/<package>.<Service>/<Method>`, called with an empty message. Default none: only answers have reports.
   */
  path: option<string>((value) =>
    typeof value === 'string' && PATH.test(value) ? null : 'use a path that begins with /, as in /load',
  ).optional(),
  /** Probes sent for each call; may be below 1. Default 3: Prequal's; [with 1 the tail is longer](#probing). */
  perCall: positiveOption.default(3),
  /** A probe that takes longer is ignored. Default 100: reports are of use for a second. */
  timeoutMs: milliseconds(1).default(100),
  /** Endpoints whose latest reports are kept. Default 16: Prequal's. */
  pool: whole(2).default(16),
  /** A report is dropped at this age. Default 1,000: Prequal's. */
  maxAgeMs: milliseconds(1).default(1_000),
  /** A report is dropped after this many choices. Default 16. */
  uses: whole(1).default(16),
  /** An endpoint with more calls in flight than this share of the recent reports is hot. Default 0.84: Prequal's. */
  quantile: percentileOption.default(0.84),
  /** Time without calls after which a probe is sent, repeatedly for a minute; 0 for never. Default 0: without calls there is nothing to choose. */
  idleMs: milliseconds(0).default(0),
});

export interface ReportOptions extends z.input<typeof REPORTS> {}
export interface ReportSettings extends z.output<typeof REPORTS> {}
export interface ProbeOptions extends z.input<typeof PROBES> {}
export interface ProbeSettings extends z.output<typeof PROBES> {}
