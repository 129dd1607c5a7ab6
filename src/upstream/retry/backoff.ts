import type { RetrySettings } from '../traffic.ts';

/**
 * The next wait, in milliseconds, after one of `previousMs` (`baseMs` before the first): anything from `baseMs` to three times
 * the previous one, at most `maxMs`. Decorrelated jitter, as AWS describes it in "Exponential Backoff And Jitter": whoever
 * failed together does not come back together.
 */
export const backoff = (
  { baseMs, maxMs }: Pick<RetrySettings, 'baseMs' | 'maxMs'>,
  previousMs: number,
  random: () => number,
): number => Math.min(maxMs, baseMs + random() * Math.max(previousMs * 3 - baseMs, 0));
