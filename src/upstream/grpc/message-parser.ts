import { badMessage, type Fault, type Framed, type FrameRules, PREFIX_BYTES, prefixFault, TRUNCATED } from './frame.ts';

/** Parses the messages of a stream from its pieces. */
export class MessageQueue {
  readonly #rules: FrameRules;
  readonly #ready: Framed[] = [];
  #pieces: Buffer[] = [];
  #size = 0;
  /** Size of the current message in bytes, prefix included; null before its prefix has arrived. */
  #expected: number | null = null;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** Complete messages that were not taken yet. */
  get waiting(): number {
    return this.#ready.length;
  }

  /** True if part of a message has arrived. */
  get isPartial(): boolean {
    return this.#size > 0;
  }

  take(): Framed | null {
    return this.#ready.shift() ?? null;
  }

  /** Adds bytes. A fault means that no more need to be read; null means no fault so far. */
  push(piece: Buffer): Fault | null {
    this.#pieces.push(piece);
    this.#size += piece.length;
    while (this.#size >= PREFIX_BYTES) {
      if (this.#expected === null) {
        const prefix = this.#joined();
        const fault = prefixFault(prefix, this.#rules);
        if (fault !== null) return fault;
        this.#expected = PREFIX_BYTES + prefix.readUInt32BE(1);
      }
      if (this.#size < this.#expected) return null;
      this.#finish(this.#expected);
    }
    return null;
  }

  #finish(length: number): void {
    const bytes = this.#joined();
    this.#ready.push({ compressed: bytes[0] === 1, bytes: bytes.subarray(PREFIX_BYTES, length) });
    this.#pieces = length === bytes.length ? [] : [bytes.subarray(length)];
    this.#size = bytes.length - length;
    this.#expected = null;
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) return first;
    const whole = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [whole];
    return whole;
  }
}

/** Parses the single message of a unary answer from its pieces. */
export class UnaryBody {
  readonly #messages: MessageQueue;
  #size = 0;

  constructor(rules: FrameRules) {
    this.#messages = new MessageQueue(rules);
  }

  /** Bytes received, prefix included. */
  get size(): number {
    return this.#size;
  }

  /** Adds bytes. A fault means that no more need to be read; null means no fault so far. */
  push(piece: Buffer): Fault | null {
    this.#size += piece.length;
    const fault = this.#messages.push(piece);
    const { waiting, isPartial } = this.#messages;
    return waiting > 1 || (waiting === 1 && isPartial) ? badMessage('a unary answer has more than one message') : fault;
  }

  /** Returns the message at the end of the stream. */
  message(): Framed | Fault {
    if (this.#size === 0) return badMessage('status OK without a message');
    return this.#messages.take() ?? TRUNCATED;
  }
}
