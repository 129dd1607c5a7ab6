import type { Choose } from './choice.ts';
import { draw } from './draw.ts';

/** Any candidate, by weight. */
export const byChance =
  (random: () => number): Choose =>
  ({ level, total }) =>
    draw(level.candidates, total, random, null);
