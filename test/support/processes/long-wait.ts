/** Timeout for an event that must happen, long enough for a busy machine. Tests of a latency measure it themselves. */
export const LONG_WAIT = { timeout: 120_000, interval: 20 } as const;
