import { BYTES, MAX_SLOTS, MemoryBudgetError } from './memory-budget.ts';

/** Maximum length of a substring that V8 copies. A longer one is a view, which would retain the whole text. */
const COPIED = 12;
/**
 * Size of a message in bytes from which its texts are decoded one by one: a few texts are not worth a text copy of the
 * whole message.
 */
const LARGE = 65_536;
const NOT_ASCII = 0x80;
/** Maximum length of a varint. */
const MAX_BYTES = 10;
const MAX_UNKNOWN_DEPTH = 100;

const endsEarly = (): RangeError => new RangeError('the message ends within a value');

/** Decodes zigzag: the last bit is the sign. */
const unzigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/**
 * Reads a message value by value. Every method throws for truncated and for invalid bytes.
 *
 * Faster than protobufjs, which calls Node for each text and creates an object for each 64-bit number.
 */
export class MessageReader {
  pos = 0;
  /** Length of the message in bytes. */
  readonly len: number;
  #slots = MAX_SLOTS;
  readonly #bytes: Buffer;
  #whole: string | null = null;
  /** Upper 32 bits of the varint that was read last. */
  #high = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.len = bytes.length;
  }

  /** Reserves memory for decoded values; call it before creating them. @throws MemoryBudgetError above the limit */
  take(slots: number): void {
    this.#slots -= slots;
    if (this.#slots < 0) throw new MemoryBudgetError();
  }

  uint32(): number {
    const byte = this.#bytes[this.pos] ?? NOT_ASCII;
    if (byte < NOT_ASCII) {
      this.pos += 1;
      return byte;
    }
    return this.#varint() >>> 0;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  sint32(): number {
    const value = this.uint32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    const low = this.#varint();
    return low !== 0 || this.#high !== 0;
  }

  /** Returns the 64 bits as decimal text. */
  uint64(): string {
    const low = this.#varint() >>> 0;
    return this.#high === 0 ? String(low) : String(this.#joined(low));
  }

  int64(): string {
    const low = this.#varint() >>> 0;
    return this.#high === 0 ? String(low) : String(BigInt.asIntN(64, this.#joined(low)));
  }

  sint64(): string {
    const low = this.#varint() >>> 0;
    return String(unzigzag(this.#joined(low)));
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#skipped(4));
  }

  sfixed32(): number {
    return this.#bytes.readInt32LE(this.#skipped(4));
  }

  fixed64(): string {
    return String(this.#bytes.readBigUInt64LE(this.#skipped(8)));
  }

  sfixed64(): string {
    return String(this.#bytes.readBigInt64LE(this.#skipped(8)));
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#skipped(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#skipped(8));
  }

  /** Returns a copy: a view would retain the whole answer. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const start = this.#skipped(length);
    this.take(BYTES);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  string(): string {
    const length = this.uint32();
    const start = this.#skipped(length);
    const end = start + length;
    if (length > COPIED || this.len > LARGE || !this.#isAscii(start, end))
      return this.#bytes.toString('utf8', start, end);
    this.#whole ??= this.#bytes.toString('latin1');
    return this.#whole.slice(start, end);
  }

  /** Reads a length and returns the end of the bytes that it covers. */
  end(): number {
    const length = this.uint32();
    if (length > this.len - this.pos) throw new RangeError('a value is longer than the message');
    return this.pos + length;
  }

  /** Skips the value of an unknown field. */
  skip(wireType: number, depth = 0): void {
    if (depth > MAX_UNKNOWN_DEPTH) throw new RangeError('nested too deeply');
    switch (wireType) {
      case 0:
        this.#varint();
        return;
      case 1:
        this.#skipped(8);
        return;
      case 2:
        this.#skipped(this.uint32());
        return;
      case 3:
        for (let inner = this.uint32() & 7; inner !== 4; inner = this.uint32() & 7) this.skip(inner, depth + 1);
        return;
      case 5:
        this.#skipped(4);
        return;
      default:
        throw new Error(`unknown wire type ${wireType}`);
    }
  }

  /** Returns the lower 32 bits and keeps the upper ones in `#high`. */
  #varint(): number {
    let low = 0;
    let high = 0;
    for (let count = 0; count < MAX_BYTES; count += 1) {
      const byte = this.#bytes[this.pos];
      if (byte === undefined) throw endsEarly();
      this.pos += 1;
      const bits = byte & 0x7f;
      const at = 7 * count;
      if (at < 32) low |= bits << at;
      if (at > 28) high |= bits << (at - 32);
      else if (at === 28) high = bits >>> 4;
      if (byte < NOT_ASCII) {
        this.#high = high;
        return low;
      }
    }
    throw new RangeError(`a varint has more than ${MAX_BYTES} bytes`);
  }

  #joined(low: number): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(low);
  }

  /** Skips `length` bytes and returns their start. */
  #skipped(length: number): number {
    const start = this.pos;
    if (length > this.len - start) throw endsEarly();
    this.pos = start + length;
    return start;
  }

  #isAscii(start: number, end: number): boolean {
    for (let at = start; at < end; at += 1) if ((this.#bytes[at] ?? NOT_ASCII) >= NOT_ASCII) return false;
    return true;
  }
}
