import { constants, deflateRawSync, gzipSync } from 'node:zlib';

/** Announced length of a large answer: 100 MB. */
export const LARGE_BYTES = 100_000_000;

const BLOCK = 8 * 1_048_576;
const BLOCKS = 128;

let made: Buffer | null = null;

/** 1 MB of gzip that is 1 GB: the compressed form of one block repeatedly, which deflate allows at a flush boundary. */
export const gzipBomb = (): Buffer => {
  if (made !== null) return made;
  const header = gzipSync(Buffer.alloc(0)).subarray(0, 10);
  const block = deflateRawSync(Buffer.alloc(BLOCK, ' '), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  made = Buffer.concat([header, ...Array.from({ length: BLOCKS }, () => block), Buffer.from([3, 0]), Buffer.alloc(8)]);
  return made;
};
