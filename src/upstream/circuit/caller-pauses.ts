import { MAX_PAUSE_MS } from '../outcome.ts';

/** Maximum number of paused callers of one endpoint. */
export const MAX_CALLERS = 1_000;

/** Callers paused by one endpoint, by the Retry-After of a 429 for example. */
export interface CallerPauses {
  /** Pauses a caller for this many milliseconds, at most 300 seconds. Never shortens a pause. */
  pause(caller: string, ms: number, now: number): void;
  /** Milliseconds until the endpoint accepts calls of this caller; 0 for none. */
  pausedFor(caller: string, now: number): number;
}

/** Holds at most `MAX_CALLERS`: the oldest pause is dropped, and its caller is paused again by its next 429. */
export const callerPauses = (): CallerPauses => {
  // Ordered by time: the latest pause is last.
  const ends = new Map<string, number>();
  const pausedFor = (caller: string, now: number): number => {
    if (ends.size === 0) return 0;
    const end = ends.get(caller);
    if (end === undefined) return 0;
    if (end > now) return end - now;
    ends.delete(caller);
    return 0;
  };
  return {
    pausedFor,
    pause: (caller, ms, now) => {
      const forMs = Math.max(Math.min(ms, MAX_PAUSE_MS), pausedFor(caller, now));
      ends.delete(caller);
      const [oldest] = ends.keys();
      if (ends.size >= MAX_CALLERS && oldest !== undefined) ends.delete(oldest);
      ends.set(caller, now + forMs);
    },
  };
};
