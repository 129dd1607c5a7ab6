import type { z } from 'zod';
import { atLeast, group, milliseconds, shareOption } from '../option-kinds.ts';

export const THROTTLE = group({
  /**
   * Calls are refused while more of them were made than this many times the accepted ones. Default 2: Google's: half of
   * the calls may be rejected, so that the gateway notices when the backend accepts more.
   */
  ratio: atLeast(1).default(2),
  /** Length of the window; 1,000 at least. Default 120,000: Google's: two minutes. */
  windowMs: milliseconds(1_000).default(120_000),
  /**
   * The largest share of calls that is refused. Default 0.8: Envoy's: without a limit, nearly no call would show that the
   * backend has recovered.
   */
  maxRefused: shareOption.default(0.8),
});

export interface ThrottleOptions extends z.input<typeof THROTTLE> {}
export interface ThrottleSettings extends z.output<typeof THROTTLE> {}
