/** Edit distance between two words: inserted, deleted, changed and swapped neighbouring letters. */
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

/** Maximum length of a name to compare: the cost is the product of both lengths. */
const MAX_LENGTH = 100;

/**
 * Returns the name most similar to `written`, ignoring case; null without a similar one. The tolerance is that of
 * graphql-js: 40 % of the letters, plus one.
 */
export const nearest = (written: string, names: readonly string[]): string | null => {
  if (written.length > MAX_LENGTH) return null;
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
