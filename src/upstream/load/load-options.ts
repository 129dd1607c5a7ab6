import type { z } from 'zod';
import { atLeast, group, milliseconds } from '../option-kinds.ts';

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

export interface ReportOptions extends z.input<typeof REPORTS> {}
export interface ReportSettings extends z.output<typeof REPORTS> {}
