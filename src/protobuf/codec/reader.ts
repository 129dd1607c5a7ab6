import { BinaryReader } from '@bufbuild/protobuf/wire';
import { BYTES, MAX_SLOTS, MemoryBudgetError } from './memory-budget.ts';

/** V8 copies a part of a text up to this length. A longer part is a view that retains the whole text. */
const MAX_COPIED = 12;
/** Bytes of a message up to which its short texts are read from one text. */
const MAX_TEXT = 65_536;
const NOT_ASCII = 0x80;

/**
 * Reads a message value by value, within the memory limit of one message. Every method throws for truncated and for
 * invalid bytes.
 */
export class MessageReader extends BinaryReader {
  #slots: number;
  readonly #bytes: Uint8Array;
  /** The whole message, one character for each byte; null before its first short text. */
  #text: string | null = null;

  /** `slots`: memory limit of the decoded values, in slots of 8 bytes. */
  constructor(bytes: Uint8Array, slots = MAX_SLOTS) {
    super(bytes);
    this.#bytes = bytes;
    this.#slots = slots;
  }

  /** Memory left, in slots. */
  get slots(): number {
    return this.#slots;
  }

  /** Reserves memory for decoded values; call it before creating them. @throws MemoryBudgetError above the limit */
  take(slots: number): void {
    this.#slots -= slots;
    if (this.#slots < 0) throw new MemoryBudgetError();
  }

  /** Reads text. Short texts are parts of one text: the library makes each from a list of its characters. */
  // perf: P1
  override string(): string {
    const before = this.pos;
    const end = this.end();
    const start = this.pos;
    if (end - start > MAX_COPIED || this.len > MAX_TEXT || !this.#isAscii(start, end)) {
      this.pos = before;
      return super.string();
    }
    this.pos = end;
    const { buffer, byteOffset } = this.#bytes;
    this.#text ??= Buffer.from(buffer, byteOffset, this.len).toString('latin1');
    return this.#text.slice(start, end);
  }

  /** Returns a copy: a view would retain the whole answer. */
  override bytes(): Uint8Array<ArrayBuffer> {
    const view = super.bytes();
    this.take(BYTES);
    return new Uint8Array(view);
  }

  /** Reads a length and returns the end of the bytes that it covers. */
  end(): number {
    const length = this.uint32();
    if (length > this.len - this.pos) throw new RangeError('a value is longer than the message');
    return this.pos + length;
  }

  #isAscii(start: number, end: number): boolean {
    for (let at = start; at < end; at += 1) if ((this.#bytes[at] ?? NOT_ASCII) >= NOT_ASCII) return false;
    return true;
  }
}
