import { gunzip, gzip, inflate } from 'node:zlib';
import type { Fault } from './frame.ts';

/** Compression of an answer, if it was offered. */
export type Encoding = 'gzip' | 'deflate';

/** `grpc-accept-encoding` of a client with and without compression. */
export const OFFERED = 'gzip,deflate,identity';
export const NOT_OFFERED = 'identity';

/** Minimum size in bytes of a message that is compressed. */
export const MIN_COMPRESSION_BYTES = 1_024;

/** Encoding that `grpc-encoding` names; null for identity, absence and encodings that were not offered. */
export const encodingOf = (header: unknown): Encoding | null =>
  header === 'gzip' || header === 'deflate' ? header : null;

/** Compresses in the thread pool. */
export const gzipped = (bytes: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    gzip(bytes, (error, result) => (error === null ? resolve(result) : reject(error)));
  });

const DECOMPRESS = { gzip: gunzip, deflate: inflate } as const;

const isTooLarge = (error: Error): boolean => 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/** Decompresses in the thread pool. Output beyond `maxBytes` is an error. */
export const decompressed = (bytes: Uint8Array, encoding: Encoding, maxBytes: number): Promise<Buffer | Fault> =>
  new Promise((resolve) => {
    // zlib rejects a limit of 0.
    DECOMPRESS[encoding](bytes, { maxOutputLength: Math.max(maxBytes, 1) }, (error, result) => {
      if (error === null) resolve(result);
      else if (isTooLarge(error))
        resolve({
          code: 'UPSTREAM_RESPONSE_TOO_LARGE',
          reason: `the message decompresses to more than ${maxBytes} bytes`,
        });
      else resolve({ code: 'UPSTREAM_BAD_RESPONSE', reason: `the message is not valid ${encoding}` });
    });
  });
