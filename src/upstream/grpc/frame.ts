import type { ErrorCode } from '../../errors.ts';

/** Why an answer cannot be taken. */
export interface Fault {
  readonly code: ErrorCode;
  readonly reason: string;
}

/** A message as it came, without its prefix. */
export interface Framed {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** What of an answer's messages is accepted. */
export interface FrameRules {
  /** Bounds each message, without its prefix. */
  readonly maxResponseBytes: number;
  /** Whether messages may be compressed. */
  readonly compressible: boolean;
}

/** One byte that says whether the message is compressed, and four for its length. */
export const PREFIX_BYTES = 5;

/** A message as gRPC puts it on the wire. */
export const frame = (message: Uint8Array, compressed = false): Buffer => {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.byteLength);
  framed[0] = compressed ? 1 : 0;
  framed.writeUInt32BE(message.byteLength, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
};

const bad = (reason: string): Fault => ({ code: 'UPSTREAM_BAD_RESPONSE', reason });

export const TRUNCATED = bad('the message is truncated');

/** What the prefix at the beginning of these bytes says is wrong with the message; null where nothing is. */
export const prefixFault = (bytes: Buffer, { maxResponseBytes, compressible }: FrameRules): Fault | null => {
  const flag = bytes[0] ?? 0;
  if (flag > 1) return bad(`a message with flags ${flag}, which nobody has defined`);
  if (flag === 1 && !compressible) return bad('the message is compressed, which was not offered');
  const length = bytes.readUInt32BE(1);
  if (length <= maxResponseBytes) return null;
  return {
    code: 'UPSTREAM_RESPONSE_TOO_LARGE',
    reason: `a message of ${length} bytes, where ${maxResponseBytes} are allowed`,
  };
};

/** Gathers the one message of a unary answer from the pieces it arrives in. */
export class UnaryBody {
  readonly #rules: FrameRules;
  #pieces: Buffer[] = [];
  #size = 0;
  #expected: number | null = null;

  constructor(rules: FrameRules) {
    this.#rules = rules;
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
      const prefix = this.#joined();
      const fault = prefixFault(prefix, this.#rules);
      if (fault !== null) return fault;
      this.#expected = prefix.readUInt32BE(1);
    }
    return this.#size > PREFIX_BYTES + this.#expected ? bad('more than one message in a unary answer') : null;
  }

  /** The message, once nothing more will come. */
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
