import { hashOf } from '../balance/policy/hash.ts';

/** Maximum number of bytes of a message that are hashed, at its start and at its end. */
const COUNTED = 2_048;
const MIX = 0x85ebca6b;

const mixedIn = (from: number, bytes: Uint8Array, start: number, end: number): number => {
  let hash = from;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, MIX);
    hash ^= hash >>> 15;
  }
  for (; at < end; at += 1) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), MIX);
    hash ^= hash >>> 15;
  }
  return hash;
};

/**
 * A hash of text and bytes, to find candidates for equality. Equal hashes do not prove equality. Cheaper than a string
 * of all bytes.
 */
export const fingerprint = (text: string, bytes: Uint8Array): number => {
  const { length } = bytes;
  const hash = Math.imul(hashOf(text) ^ length, MIX);
  if (length <= COUNTED) return mixedIn(hash, bytes, 0, length);
  return mixedIn(mixedIn(hash, bytes, 0, COUNTED / 2), bytes, length - COUNTED / 2, length);
};
