const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a, 32 bits, over UTF-16 code units. Use the result through `mixed`. */
export const hashOf = (text: string): number => {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
};

/** MurmurHash3's 32-bit finaliser: every input bit changes half of the output bits. */
const mixed = (bits: number): number => {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Returns a number above 0 and below 1 derived from two hashes; always the same for the same pair. */
export const fractionOf = (one: number, other: number): number => (mixed(mixed(one) ^ other) + 0.5) / 2 ** 32;
