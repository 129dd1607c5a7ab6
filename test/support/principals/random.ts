import { seeded } from '../random/seeded.ts';

/** Seeded random numbers: equal seeds yield equal sequences. */
export interface Random {
  /** A whole number from 0 up to, excluding, `limit`. */
  below(limit: number): number;
  /** True with this probability, from 0 to 1. */
  chance(share: number): boolean;
  /** @throws Error for an empty list */
  choose<Item>(items: readonly Item[]): Item;
}

export const randomFrom = (seed: number): Random => {
  const next = seeded(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (share) => next() < share,
    choose: (items) => {
      const at = below(items.length);
      for (const item of items.slice(at, at + 1)) return item;
      throw new Error('There is nothing to choose from.');
    },
  };
};
