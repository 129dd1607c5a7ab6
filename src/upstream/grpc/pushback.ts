/** What a server asks of whoever would send a call again. */
export interface Pushback {
  /** When, in milliseconds from now; null where it said nothing. */
  readonly retryAfterMs: number | null;
  /** Not at all. */
  readonly neverAgain: boolean;
}

/** Nobody is sent away for longer than five minutes. */
const LONGEST_MS = 300_000;

/**
 * Reads `grpc-retry-pushback-ms`, by which a server decides on another attempt of the call; RetryInfo's delay counts where it
 * is absent. Whatever is not a number from 0 is a no: https://github.com/grpc/proposal/blob/master/A6-client-retries.md
 */
export const pushback = (header: string | undefined, retryDelayMs: number | undefined): Pushback => {
  if (header !== undefined && !/^\d{1,15}$/.test(header)) return { retryAfterMs: null, neverAgain: true };
  const ms = header === undefined ? retryDelayMs : Number(header);
  return { retryAfterMs: ms === undefined ? null : Math.min(ms, LONGEST_MS), neverAgain: false };
};
