/** How many letters are put in, left out, changed or swapped with their neighbour between two words. */
const distance = (one: string, other: string): number => {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = last;
    last = next;
  }
  return last[other.length] ?? 0;
};

/** No name is that long; comparing costs as much as both lengths multiplied. */
const LONGEST = 100;

/** The name that was probably meant, whatever its case; null where none is like it. As many letters may be wrong as for graphql-js. */
export const nearest = (written: string, names: readonly string[]): string | null => {
  if (written.length > LONGEST) return null;
  const most = Math.floor(written.length * 0.4) + 1;
  let found: string | null = null;
  let least = most + 1;
  for (const name of names) {
    const apart = distance(written.toLowerCase(), name.toLowerCase());
    if (apart >= least) continue;
    found = name;
    least = apart;
  }
  return found;
};
