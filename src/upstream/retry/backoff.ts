import type { RetrySettings } from '../options.ts';

/**
 * Returns the next wait in milliseconds: a random time between `baseMs` and three times the previous wait, at most
 * `maxMs`. The first `previousMs` is `baseMs`. Decorrelated jitter, from AWS's "Exponential Backoff And Jitter": calls
 * that failed together are not retried together.
 */
export const backoff = (
  { baseMs, maxMs }: Pick<RetrySettings, 'baseMs' | 'maxMs'>,
  previousMs: number,
  random: () => number,
): number => Math.min(maxMs, baseMs + random() * Math.max(previousMs * 3 - baseMs, 0));
