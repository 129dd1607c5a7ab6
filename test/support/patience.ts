/**
 * How long to wait for what must come: long enough for a machine that does much else. How soon it must come is another
 * promise, and measured where it is made.
 */
export const PATIENT = { timeout: 15_000, interval: 20 } as const;
