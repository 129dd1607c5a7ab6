import type { Rate } from './rate.ts';

/** The complete name of a counter. A changed rate begins with a new counter. */
export const counterKey = (key: string, { algorithm, limit, seconds, burst }: Rate): string =>
  `${algorithm}:${limit}/${seconds}s+${burst}:${key}`;
