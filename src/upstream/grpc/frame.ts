import type { ErrorCode } from '../../errors.ts';

/** Why an answer cannot be taken. */
export interface Fault {
  readonly code: ErrorCode;
  readonly reason: string;
}

/** One byte that says whether the message is compressed, and four for its length. */
const PREFIX_BYTES = 5;

/** A message as gRPC puts it on the wire, uncompressed. */
export const frame = (message: Uint8Array): Buffer => {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.byteLength);
  framed[0] = 0;
  framed.writeUInt32BE(message.byteLength, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
};

const bad = (reason: string): Fault => ({ code: 'UPSTREAM_BAD_RESPONSE', reason });

/** Gathers the one message of a unary answer from the pieces it arrives in. */
export class UnaryBody {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #size = 0;
  #expected: number | null = null;

  /** `maxBytes` bounds the message, without its prefix. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that arrived, prefix included. */
  get size(): number {
    return this.#size;
  }

  /** Takes the next bytes. A fault means that nothing more needs to be read; null that all is well so far. */
  push(piece: Buffer): Fault | null {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#expected === null) {
      if (this.#size < PREFIX_BYTES) return null;
      const fault = this.#readPrefix(this.#joined());
      if (fault !== null) return fault;
    }
    return this.#size > PREFIX_BYTES + (this.#expected ?? 0) ? bad('more than one message in a unary answer') : null;
  }

  /** The message, once nothing more will come. */
  message(): Buffer | Fault {
    if (this.#size === 0) return bad('status OK without a message');
    if (this.#expected === null || this.#size < PREFIX_BYTES + this.#expected) return bad('the message is truncated');
    return this.#joined().subarray(PREFIX_BYTES);
  }

  #readPrefix(bytes: Buffer): Fault | null {
    if (bytes[0] !== 0) return bad('the message is compressed, which was not offered');
    const length = bytes.readUInt32BE(1);
    if (length > this.#maxBytes)
      return {
        code: 'UPSTREAM_RESPONSE_TOO_LARGE',
        reason: `a message of ${length} bytes, where ${this.#maxBytes} are allowed`,
      };
    this.#expected = length;
    return null;
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const whole = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [whole];
    return whole;
  }
}
