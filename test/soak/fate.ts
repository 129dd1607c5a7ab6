/** What may become of something, each with its share of all; the last one takes what is left. */
export type Fates<Fate> = readonly (readonly [share: number, fate: Fate])[];

/** One of them, by a number from 0 to 1. */
export const drawn = <Fate>(fates: Fates<Fate>, by: number): Fate | undefined => {
  let left = by;
  for (const [share, fate] of fates) {
    left -= share;
    if (left < 0) return fate;
  }
  return fates.at(-1)?.[1];
};

/** Most answers come at once, some after up to 30 ms. */
export const delayMs = (random: () => number): number => (random() < 0.8 ? 0 : random() * 30);
