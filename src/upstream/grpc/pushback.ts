import { MAX_PAUSE_MS } from '../outcome.ts';

/** The server's decision about another attempt. */
export interface Pushback {
  /** Delay in milliseconds; null if the server set none. */
  readonly retryAfterMs: number | null;
  /** True if the server forbids another attempt. */
  readonly noRetry: boolean;
}

/**
 * Reads `grpc-retry-pushback-ms`, or RetryInfo's delay if it is absent. A value that is not a number from 0 forbids
 * another attempt (https://github.com/grpc/proposal/blob/master/A6-client-retries.md).
 */
export const pushback = (header: string | undefined, retryDelayMs: number | undefined): Pushback => {
  if (header !== undefined && !/^\d{1,15}$/.test(header)) return { retryAfterMs: null, noRetry: true };
  const ms = header === undefined ? retryDelayMs : Number(header);
  return { retryAfterMs: ms === undefined ? null : Math.min(ms, MAX_PAUSE_MS), noRetry: false };
};
