import type { ErrorCode } from '../../core/errors.ts';

/** Reason for which an answer is rejected. */
export interface Fault {
  readonly code: ErrorCode;
  readonly reason: string;
}

/** A message without its prefix, as received. */
export interface Framed {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** Limits of accepted messages. */
export interface FrameRules {
  /** Maximum size of a message in bytes, without its prefix. */
  readonly maxResponseBytes: number;
  /** True if messages may be compressed. */
  readonly compressible: boolean;
}

/** Length of the prefix: one byte for the compression flag, four for the length. */
export const PREFIX_BYTES = 5;

/** Frames a message (gRPC over HTTP/2, Length-Prefixed-Message). */
export const frame = (message: Uint8Array, compressed = false): Buffer => {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.byteLength);
  framed[0] = compressed ? 1 : 0;
  framed.writeUInt32BE(message.byteLength, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
};

/** Fault of an answer that does not follow the protocol. */
export const badMessage = (reason: string): Fault => ({ code: 'UPSTREAM_BAD_RESPONSE', reason });

export const TRUNCATED = badMessage('the message is truncated');

/** Checks the prefix at the start of these bytes. Null if it is acceptable. */
export const prefixFault = (bytes: Buffer, { maxResponseBytes, compressible }: FrameRules): Fault | null => {
  const flag = bytes[0] ?? 0;
  if (flag > 1) return badMessage(`the message has undefined flags ${flag}`);
  if (flag === 1 && !compressible) return badMessage('the message is compressed, but compression was not offered');
  const length = bytes.readUInt32BE(1);
  if (length <= maxResponseBytes) return null;
  return {
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
    reason: `the message has ${length} bytes, more than the limit of ${maxResponseBytes}`,
  };
};
