import type { Clock, Timer } from '../../../core/clock.ts';
import type { Endpoint } from '../endpoint.ts';
import type { SourceSink } from './endpoint-source.ts';

/** Result of one reading of a source. */
export interface Reading {
  readonly endpoints: readonly Endpoint[];
  /** Reason for which the list may be incomplete. Default null. */
  readonly fault?: string | null;
  /** Time until the next reading in milliseconds. */
  readonly waitMs: number;
}

export interface Polling {
  /** Reads the source now, or again after a reading in progress. */
  now(): void;
  stop(): void;
}

/** Time from a failed reading to the next one, in milliseconds. */
export const AFTER_FAILURE_MS = 1_000;

/** Reads a source immediately, and again after the time that each reading returns, or `failureMs` after a failed one. */
export const pollSource = (
  clock: Clock,
  sink: SourceSink,
  read: () => Promise<Reading>,
  failureMs = AFTER_FAILURE_MS,
): Polling => {
  let stopped = false;
  let reading = false;
  let isDue = false;
  let timer: Timer | null = null;

  const next = (waitMs: number): void => {
    reading = false;
    if (!stopped) timer = clock.after(isDue ? 0 : waitMs, () => void again());
    isDue = false;
  };
  const again = async (): Promise<void> => {
    reading = true;
    try {
      const { endpoints, fault = null, waitMs } = await read();
      next(waitMs);
      if (!stopped) sink.list(endpoints, fault);
    } catch (error) {
      next(failureMs);
      if (!stopped) sink.failed(error);
    }
  };
  void again();
  return {
    now: () => {
      isDue = reading;
      if (reading || stopped) return;
      timer?.cancel();
      void again();
    },
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
};
