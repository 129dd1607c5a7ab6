import protobuf from 'protobufjs';

/** V8 copies a part of a text that is no longer than this. What is longer it takes as a view, which would keep the whole. */
const COPIED = 12;
/** In a larger message a few texts are not worth another copy of all of it. In bytes. */
const LARGE = 65_536;
const NOT_ASCII = 0x80;

/** Reads short texts out of one that is made of the whole message: protobufjs asks Node for each, which costs five times that. */
export class MessageReader extends protobuf.BufferReader {
  readonly #bytes: Buffer;
  #whole: string | null = null;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#bytes = bytes;
  }

  override string(): string {
    const before = this.pos;
    const length = this.uint32();
    const start = this.pos;
    const end = start + length;
    if (length <= COPIED && this.len <= LARGE && end <= this.len && this.#isAscii(start, end)) {
      this.pos = end;
      this.#whole ??= this.#bytes.toString('latin1');
      return this.#whole.slice(start, end);
    }
    this.pos = before;
    return super.string();
  }

  #isAscii(start: number, end: number): boolean {
    for (let at = start; at < end; at += 1) if ((this.#bytes[at] ?? NOT_ASCII) >= NOT_ASCII) return false;
    return true;
  }
}
