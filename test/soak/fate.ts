/** Weighted outcomes; the last one has the remaining share. */
export type Fates<Fate> = readonly (readonly [share: number, fate: Fate])[];

/** Picks an outcome by a number from 0 to 1. */
export const drawn = <Fate>(fates: Fates<Fate>, by: number): Fate | undefined => {
  let left = by;
  for (const [share, fate] of fates) {
    left -= share;
    if (left < 0) return fate;
  }
  return fates.at(-1)?.[1];
};

/** Most answers are immediate, some take up to 30 ms. */
export const delayMs = (random: () => number): number => (random() < 0.8 ? 0 : random() * 30);
