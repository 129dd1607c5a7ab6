import { gunzip, gzip, inflate } from 'node:zlib';
import type { Fault } from './frame.ts';

/** How an answer may be compressed where that was offered. */
export type Encoding = 'gzip' | 'deflate';

/** The `grpc-accept-encoding` of a client that takes compressed answers, and of one that does not. */
export const OFFERED = 'gzip,deflate,identity';
export const NOT_OFFERED = 'identity';

/** Smaller messages cost more to compress than they save. */
export const WORTH_COMPRESSING = 1_024;

/** What `grpc-encoding` names; null for identity, none, or one that was not offered. */
export const encodingOf = (header: unknown): Encoding | null =>
  header === 'gzip' || header === 'deflate' ? header : null;

/** Off this thread. */
export const gzipped = (bytes: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    gzip(bytes, (error, result) => (error === null ? resolve(result) : reject(error)));
  });

const DECOMPRESS = { gzip: gunzip, deflate: inflate } as const;

const isTooLarge = (error: Error): boolean => 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/** Off this thread. What grows beyond `maxBytes` is cut off there, however small it came. */
export const decompressed = (bytes: Uint8Array, encoding: Encoding, maxBytes: number): Promise<Buffer | Fault> =>
  new Promise((resolve) => {
    // zlib refuses a limit of nothing.
    DECOMPRESS[encoding](bytes, { maxOutputLength: Math.max(maxBytes, 1) }, (error, result) => {
      if (error === null) resolve(result);
      else if (isTooLarge(error))
        resolve({
          code: 'UPSTREAM_RESPONSE_TOO_LARGE',
          reason: `a message that decompresses to more than ${maxBytes} bytes`,
        });
      else resolve({ code: 'UPSTREAM_BAD_RESPONSE', reason: `the message is not valid ${encoding}` });
    });
  });
