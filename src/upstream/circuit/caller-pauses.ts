import { LONGEST_PAUSE_MS } from './openings.ts';

/** Callers remembered for one endpoint. */
export const MAX_CALLERS = 1_000;

/** Callers that one endpoint takes no calls from for the time that it named, in a 429 for example. */
export interface CallerPauses {
  /** Keeps a caller away for this many milliseconds, 300 seconds at most. A shorter time than what is left changes nothing. */
  pause(caller: string, ms: number, now: number): void;
  /** Milliseconds until the endpoint takes calls of this caller; 0 for now. */
  pausedFor(caller: string, now: number): number;
}

/** Bounded: of more than `MAX_CALLERS` the one that was paused longest ago is forgotten, and is paused again by its next 429. */
export const callerPauses = (): CallerPauses => {
  // The latest pause is last.
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
      const forMs = Math.max(Math.min(ms, LONGEST_PAUSE_MS), pausedFor(caller, now));
      ends.delete(caller);
      const [oldest] = ends.keys();
      if (ends.size >= MAX_CALLERS && oldest !== undefined) ends.delete(oldest);
      ends.set(caller, now + forMs);
    },
  };
};
