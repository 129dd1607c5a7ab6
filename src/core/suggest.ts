/**
 * Returns the number of letters to insert, delete, replace or swap with their neighbour to turn one text into the
 * other. Distances above `limit` may be returned as any number above it. (Optimal string alignment: no position is
 * edited twice.)
 */
export const editDistance = (one: string, other: string, limit: number): number => {
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      const swapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (same ? 0 : 1),
          i > 1 && j > 1 && swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, row];
  }
  return last[other.length] ?? 0;
};

/** Maximum length of a name to compare: the cost is the product of both lengths. */
const MAX_LENGTH = 100;

/**
 * Returns the name most similar to `written`, ignoring case; null without a similar one. The tolerance is that of
 * graphql-js: 40 % of the letters, plus one.
 */
export const nearestSuggestion = (written: string, names: readonly string[]): string | null => {
  if (written.length > MAX_LENGTH) return null;
  const most = Math.floor(written.length * 0.4) + 1;
  let found: string | null = null;
  let least = most + 1;
  for (const name of names) {
    const apart = editDistance(written.toLowerCase(), name.toLowerCase(), least - 1);
    if (apart >= least) continue;
    found = name;
    least = apart;
  }
  return found;
};
