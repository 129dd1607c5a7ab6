/** Seeded random numbers: equal seeds yield equal sequences. */
export interface Random {
  /** A whole number from 0 up to, excluding, `limit`. */
  below(limit: number): number;
  /** True with this probability, from 0 to 1. */
  chance(share: number): boolean;
  /** @throws Error for an empty list */
  choose<Item>(items: readonly Item[]): Item;
}

/** Mulberry32. */
const mulberry = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const randomFrom = (seed: number): Random => {
  const next = mulberry(seed);
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
