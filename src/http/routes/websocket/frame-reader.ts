/** Close codes of RFC 6455, 7.4.1, and of its registry. */
export const CLOSE = {
  goingAway: 1001,
  protocolError: 1002,
  policyViolation: 1008,
  tooLarge: 1009,
  badGateway: 1014,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

const FIN = 0x80;
const OPCODE = 0x0f;
const MASK = 0x80;
const LENGTH = 0x7f;
const CONTINUATION = 0;
const FIRST_CONTROL = 8;
const CLOSE_OPCODE = 8;
const MAX_CONTROL_BYTES = 125;
/** Two bytes, eight of a long length, and four of a mask. */
const MAX_HEADER_BYTES = 14;
const DEFINED: ReadonlySet<number> = new Set([0, 1, 2, 8, 9, 10]);

/** Length of the header of a frame with this second byte. */
const headerLength = (second: number): number => {
  const length = second & LENGTH;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second & MASK ? 4 : 0);
};

const payloadLength = (header: Buffer): number => {
  const length = (header[1] ?? 0) & LENGTH;
  if (length === 126) return header.readUInt16BE(2);
  return length === 127 ? Number(header.readBigUInt64BE(2)) : length;
};

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455, 5.2) without changing them: where a frame ends, and how
 * large the message is that they are part of. Payloads are neither unmasked nor held.
 */
export class FrameReader {
  readonly #maxMessageBytes: number;
  readonly #mask: number;
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  #headerBytes = 0;
  #payloadLeft = 0;
  #messageBytes = 0;
  #isInMessage = false;
  #hasClosed = false;

  /** `isMasked`: frames of clients are masked, those of servers are not. */
  constructor(maxMessageBytes: number, isMasked: boolean) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#mask = isMasked ? MASK : 0;
  }

  /** True if another frame may be inserted here. */
  get isBetweenFrames(): boolean {
    return this.#headerBytes === 0 && this.#payloadLeft === 0;
  }

  /** True once a close frame has been read. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** Reads a chunk. Returns the close code of a fault; null for none. Nothing may be read after a fault. */
  read(chunk: Buffer): CloseCode | null {
    for (let at = 0; at < chunk.length; ) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= taken;
        at += taken;
        continue;
      }
      this.#header[this.#headerBytes] = chunk[at] ?? 0;
      this.#headerBytes += 1;
      at += 1;
      const fault = this.#headerBytes >= 2 ? this.#readHeader() : null;
      if (fault !== null) return fault;
    }
    return null;
  }

  /** Reads the header once it is complete. */
  #readHeader(): CloseCode | null {
    const [first = 0, second = 0] = this.#header;
    if (this.#headerBytes < headerLength(second)) return null;
    this.#headerBytes = 0;
    const opcode = first & OPCODE;
    const length = payloadLength(this.#header);
    this.#payloadLeft = length;
    if ((second & MASK) !== this.#mask || !DEFINED.has(opcode)) return CLOSE.protocolError;
    return opcode >= FIRST_CONTROL ? this.#control(first, length) : this.#data(first, length);
  }

  #control(first: number, length: number): CloseCode | null {
    if ((first & FIN) === 0 || length > MAX_CONTROL_BYTES) return CLOSE.protocolError;
    if ((first & OPCODE) === CLOSE_OPCODE) this.#hasClosed = true;
    return null;
  }

  #data(first: number, length: number): CloseCode | null {
    if (((first & OPCODE) === CONTINUATION) !== this.#isInMessage) return CLOSE.protocolError;
    this.#messageBytes = (this.#isInMessage ? this.#messageBytes : 0) + length;
    this.#isInMessage = (first & FIN) === 0;
    return this.#messageBytes > this.#maxMessageBytes ? CLOSE.tooLarge : null;
  }
}

/** A close frame. One for a server is masked with zeros, which leave its payload as it is. */
export const closeFrame = (code: CloseCode, reason: string, isMasked: boolean): Buffer => {
  const text = Buffer.from(reason);
  const header = Buffer.from([FIN | CLOSE_OPCODE, (isMasked ? MASK : 0) | (text.length + 2)]);
  const mask = isMasked ? Buffer.alloc(4) : Buffer.alloc(0);
  return Buffer.concat([header, mask, Buffer.from([code >> 8, code & 0xff]), text]);
};
