import type { Clock, Timer } from '../../../core/clock.ts';
import type { Endpoint } from '../endpoint.ts';
import type { SourceSink } from './endpoint-source.ts';
import { failureReason } from './failure-reason.ts';

/** Result of one reading of a source. */
export interface Reading {
  readonly endpoints: readonly Endpoint[];
  /** Reason for which the list may be incomplete. Default null. */
  readonly fault?: string | null;
  /** Time until the next reading in milliseconds. */
  readonly waitMs: number;
}

/** Time from a failed reading to the next one, in milliseconds. */
export const AFTER_FAILURE_MS = 1_000;

/**
 * Reads a source immediately, and again after the time that each reading returns, or 1 s after a failed one. The
 * returned function ends it.
 */
export const pollSource = (clock: Clock, sink: SourceSink, read: () => Promise<Reading>): (() => void) => {
  let stopped = false;
  let timer: Timer | null = null;
  const next = (waitMs: number): void => {
    if (!stopped) timer = clock.after(waitMs, () => void again());
  };
  const again = async (): Promise<void> => {
    try {
      const { endpoints, fault = null, waitMs } = await read();
      next(waitMs);
      if (!stopped) sink.list(endpoints, fault);
    } catch (error) {
      next(AFTER_FAILURE_MS);
      if (!stopped) sink.failed(failureReason(error));
    }
  };
  void again();
  return () => {
    stopped = true;
    timer?.cancel();
  };
};
