/** Initial size of the buffer, and maximum size of one that is kept for the next message. In bytes. */
const FIRST = 1_024;
const KEPT = 65_536;
/** Length of a text above which Node's own `write` is faster. */
const SHORT = 64;
const NOT_ASCII = 0x80;
/** Maximum length of a varint. */
const MAX_BYTES = 10;
/** Maximum length of a 32-bit varint. */
const LENGTH_BYTES = 5;

/** Writes a message into one buffer, which grows as needed and is reused for the next message. */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(FIRST);
  #pos = 0;
  /** Nesting depth of the message that is being written. */
  depth = 0;

  /** Begins a new message, also after a failed one. */
  start(): void {
    if (this.#buffer.length > KEPT) this.#buffer = Buffer.allocUnsafe(FIRST);
    this.#pos = 0;
    this.depth = 0;
  }

  /** Returns a copy of the written bytes. */
  finish(): Buffer {
    const whole = Buffer.allocUnsafe(this.#pos);
    this.#buffer.copy(whole, 0, 0, this.#pos);
    return whole;
  }

  uint32(value: number): void {
    this.#reserve(LENGTH_BYTES);
    this.#pos = this.#varint(value, this.#pos);
  }

  /** Writes a negative number as a 64-bit varint, as protobuf requires. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.uint64(BigInt.asUintN(64, BigInt(value)));
  }

  sint32(value: number): void {
    this.uint32(((value << 1) ^ (value >> 31)) >>> 0);
  }

  uint64(value: bigint): void {
    this.#reserve(MAX_BYTES);
    let left = value;
    while (left > 0x7fn) {
      this.#buffer[this.#pos++] = Number(left & 0x7fn) | NOT_ASCII;
      left >>= 7n;
    }
    this.#buffer[this.#pos++] = Number(left);
  }

  int64(value: bigint): void {
    this.uint64(BigInt.asUintN(64, value));
  }

  sint64(value: bigint): void {
    this.uint64(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#pos = this.#buffer.writeUInt32LE(value, this.#pos);
  }

  sfixed32(value: number): void {
    this.#reserve(4);
    this.#pos = this.#buffer.writeInt32LE(value, this.#pos);
  }

  fixed64(value: bigint): void {
    this.#reserve(8);
    this.#pos = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#pos);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#pos = this.#buffer.writeFloatLE(value, this.#pos);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#pos = this.#buffer.writeDoubleLE(value, this.#pos);
  }

  bytes(value: Uint8Array): void {
    this.uint32(value.byteLength);
    this.#reserve(value.byteLength);
    this.#buffer.set(value, this.#pos);
    this.#pos += value.byteLength;
  }

  string(value: string): void {
    if (value.length <= SHORT && this.#ascii(value)) return;
    const length = Buffer.byteLength(value);
    this.uint32(length);
    this.#reserve(length);
    this.#pos += this.#buffer.write(value, this.#pos);
  }

  /** Begins a value that follows its length. Returns the argument for `end`. */
  begin(): number {
    this.#reserve(1);
    this.#pos += 1;
    return this.#pos;
  }

  end(start: number): void {
    const length = this.#pos - start;
    if (length < NOT_ASCII) {
      this.#buffer[start - 1] = length;
      return;
    }
    // One byte was reserved for the length. Make room for the others.
    this.#reserve(LENGTH_BYTES);
    const more = ((31 - Math.clz32(length)) / 7) | 0;
    this.#buffer.copyWithin(start + more, start, this.#pos);
    this.#pos += more;
    this.#varint(length, start - 1);
  }

  #varint(value: number, at: number): number {
    let [left, pos] = [value, at];
    while (left >= NOT_ASCII) {
      this.#buffer[pos++] = (left & 0x7f) | NOT_ASCII;
      left >>>= 7;
    }
    this.#buffer[pos++] = left;
    return pos;
  }

  /** Returns false without writing if the text is not ASCII. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#reserve(1 + length);
    const buffer = this.#buffer;
    const start = this.#pos + 1;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= NOT_ASCII) return false;
      buffer[start + index] = code;
    }
    buffer[start - 1] = length;
    this.#pos = start + length;
    return true;
  }

  #reserve(bytes: number): void {
    const needed = this.#pos + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#pos);
    this.#buffer = larger;
  }
}
