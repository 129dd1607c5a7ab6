/**
 * Memory limit of one decoded message: 64 MiB, counted in slots of 8 bytes, the size of one value in V8.
 *
 * A limit on received bytes alone bounds nothing: an empty message in a list takes two bytes and is decoded to an
 * object with all of its fields. The densest legitimate answers of 4 MiB stay below half of the limit: rows of three
 * short fields take 2 million slots, a packed list of numbers 4 million. The content of texts is not counted: it is as
 * long as its bytes.
 */
export const MAX_SLOTS = 8_388_608;

/**
 * Slots of an object without fields; minimum number of fields that V8 reserves; slots of an empty list and of an empty
 * map, in addition to their field.
 */
export const OBJECT = 3;
export const MIN_FIELDS = 4;
export const LIST = 4;
export const MAP = 7;
/** Slots of a map entry with its key, and of bytes with their buffer. */
export const ENTRY = 10;
export const BYTES = 26;

/** A message that would decode to more than the memory limit. */
export class MemoryBudgetError extends Error {
  override readonly name = 'MemoryBudgetError';

  constructor() {
    super(`the message decodes to more than ${(8 * MAX_SLOTS) / 1_048_576} MiB`);
  }
}
