/**
 * How much is made of one message, counted in places: what V8 keeps one value in, 8 bytes. 64 MiB of them.
 *
 * Two bytes are enough for an empty message in a list, which then has all of its fields: a response cap on bytes alone bounds
 * nothing. The densest honest answers of 4 MiB stay below half of it: rows of three short fields need 2 million places, a packed
 * list of numbers 4 million. What texts hold is not counted; they are as long as their bytes.
 */
export const MOST_PLACES = 8_388_608;

/** What an object needs before it has a field; the fewest fields that V8 makes room for; what empty lists and maps need beside the field. */
export const OBJECT = 3;
export const LEAST_FIELDS = 4;
export const LIST = 4;
export const MAP = 7;
/** An entry of a map with its key, and bytes with their buffer. */
export const ENTRY = 10;
export const BYTES = 26;

/** So few bytes would become more than anybody has memory for. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError';

  constructor() {
    super(`a message that decodes to more than ${(8 * MOST_PLACES) / 1_048_576} MiB`);
  }
}
