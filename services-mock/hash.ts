/** A 32-bit unsigned hash of `text` (FNV-1a with a murmur finish). */
export const hash = (text: string): number => {
  let bits = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
};

/** An integer in [0, below) that depends only on `text`. */
export const pick = (text: string, below: number): number => hash(text) % below;

/** Element of a non-empty list, chosen by the hash of `text`. */
export const choose = <T>(text: string, from: readonly [T, ...T[]]): T => from[pick(text, from.length)] ?? from[0];

/** The same rows in an arbitrary but fixed order. */
export const scrambled = <T>(rows: readonly T[], id: (row: T) => string): T[] =>
  rows
    .map((row) => ({ row, rank: hash(id(row)) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ row }) => row);
