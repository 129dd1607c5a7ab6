import type { Clock } from '../../core/clock.ts';

/**
 * Shares one run of `probe` between concurrent callers, and its result with later ones for `freshMs` after its end.
 *
 * A failure rejects all concurrent callers and is not cached.
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
