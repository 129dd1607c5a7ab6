import { BYTES, MOST_PLACES, TooMuchError } from './places.ts';

/** V8 copies a part of a text that is no longer than this. What is longer it takes as a view, which would keep the whole. */
const COPIED = 12;
/** In a larger message a few texts are not worth another copy of all of it. In bytes. */
const LARGE = 65_536;
const NOT_ASCII = 0x80;
/** Of a varint. */
const MOST_BYTES = 10;
const DEEPEST_UNKNOWN = 100;

const endsEarly = (): RangeError => new RangeError('the message ends within a value');

/** The sign of a zigzag number is its last bit. */
const unzigzag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/**
 * Takes a message apart, value by value. Every method throws where the bytes end too early, or are no such value.
 *
 * Faster than protobufjs, which calls Node for each text and makes an object for each number of 64 bits.
 */
export class MessageReader {
  pos = 0;
  /** Where the message ends. */
  readonly len: number;
  #places = MOST_PLACES;
  readonly #bytes: Buffer;
  #whole: string | null = null;
  /** The upper half of the varint that was read last. */
  #high = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.len = bytes.length;
  }

  /** To be called before anything is made of what is read. @throws TooMuchError where no more may be */
  take(places: number): void {
    this.#places -= places;
    if (this.#places < 0) throw new TooMuchError();
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

  /** In decimal, as all of 64 bits. */
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

  /** A copy: a view would keep the whole answer in memory. */
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

  /** The bytes that follow a length belong together: where they end. */
  end(): number {
    const length = this.uint32();
    if (length > this.len - this.pos) throw new RangeError('a value passes the end of the message');
    return this.pos + length;
  }

  /** Passes over a value that nobody knows. */
  skip(wireType: number, depth = 0): void {
    if (depth > DEEPEST_UNKNOWN) throw new RangeError('nested too deeply');
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
        throw new Error(`there is no wire type ${wireType}`);
    }
  }

  /** The lower half; the upper one is kept. */
  #varint(): number {
    let low = 0;
    let high = 0;
    for (let count = 0; count < MOST_BYTES; count += 1) {
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
    throw new RangeError(`a number of more than ${MOST_BYTES} bytes`);
  }

  #joined(low: number): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(low);
  }

  /** Passes over so many bytes. Returns where they begin. */
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
