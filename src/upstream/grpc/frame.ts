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

const bad = (reason: string): Fault => ({ code: 'UPSTREAM_BAD_RESPONSE', reason });

export const TRUNCATED = bad('the message is truncated');

/** Checks the prefix at the start of these bytes. Null if it is acceptable. */
export const prefixFault = (bytes: Buffer, { maxResponseBytes, compressible }: FrameRules): Fault | null => {
  const flag = bytes[0] ?? 0;
  if (flag > 1) return bad(`the message has undefined flags ${flag}`);
  if (flag === 1 && !compressible) return bad('the message is compressed, but compression was not offered');
  const length = bytes.readUInt32BE(1);
  if (length <= maxResponseBytes) return null;
  return {
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
    reason: `the message has ${length} bytes, more than the limit of ${maxResponseBytes}`,
  };
};

/** Collects the single message of a unary answer from its pieces. */
export class UnaryBody {
  readonly #rules: FrameRules;
  #pieces: Buffer[] = [];
  #size = 0;
  #expected: number | null = null;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** Bytes received, prefix included. */
  get size(): number {
    return this.#size;
  }

  /** Adds bytes. A fault means that no more need to be read; null means no fault so far. */
  push(piece: Buffer): Fault | null {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#expected === null) {
      if (this.#size < PREFIX_BYTES) return null;
      const prefix = this.#joined();
      const fault = prefixFault(prefix, this.#rules);
      if (fault !== null) return fault;
      this.#expected = prefix.readUInt32BE(1);
    }
    return this.#size > PREFIX_BYTES + this.#expected ? bad('a unary answer has more than one message') : null;
  }

  /** Returns the message at the end of the stream. */
  message(): Framed | Fault {
    if (this.#size === 0) return bad('status OK without a message');
    if (this.#expected === null || this.#size < PREFIX_BYTES + this.#expected) return TRUNCATED;
    const whole = this.#joined();
    return { compressed: whole[0] === 1, bytes: whole.subarray(PREFIX_BYTES) };
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const whole = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [whole];
    return whole;
  }
}
