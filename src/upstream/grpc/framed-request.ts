import { gzipped, MIN_COMPRESSION_BYTES } from './compression.ts';
import { frame } from './frame.ts';

/**
 * Returns the body of a call: its message with gRPC's prefix, compressed with gzip if allowed and large enough. A
 * promise only for gzip.
 */
export const framedRequest = (message: Uint8Array, compressible: boolean): Buffer | Promise<Buffer> =>
  compressible && message.byteLength >= MIN_COMPRESSION_BYTES
    ? gzipped(message).then((bytes) => frame(bytes, true))
    : frame(message);

/** True if the message of the body is compressed. */
export const isCompressed = (framed: Buffer): boolean => framed[0] === 1;
