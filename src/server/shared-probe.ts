import type { Clock } from '../clock.ts';

/**
 * Lets concurrent callers share one run of `probe`, and later ones its result for `freshMs` after it ended.
 *
 * A failed run is shared by those who wait for it, and not kept.
 */
export const sharedProbe = <T>(probe: () => Promise<T>, freshMs: number, clock: Clock): (() => Promise<T>) => {
  let running: Promise<T> | null = null;
  let last: { readonly value: T; readonly until: number } | null = null;

  const run = async (): Promise<T> => {
    try {
      const value = await probe();
      last = { value, until: clock.now() + freshMs };
      return value;
    } finally {
      running = null;
    }
  };
  return async () => {
    if (last !== null && clock.now() < last.until) return last.value;
    running ??= run();
    return running;
  };
};
