import { BinaryReader } from '@bufbuild/protobuf/wire';
import { BYTES, MAX_SLOTS, MemoryBudgetError } from './memory-budget.ts';

/**
 * Reads a message value by value, within the memory limit of one message. Every method throws for truncated and for
 * invalid bytes.
 */
export class MessageReader extends BinaryReader {
  #slots: number;

  /** `slots`: memory limit of the decoded values, in slots of 8 bytes. */
  constructor(bytes: Uint8Array, slots = MAX_SLOTS) {
    super(bytes);
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
}
