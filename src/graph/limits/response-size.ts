/** Maximum bytes of the text of a response, unless `MAX_RESPONSE_BYTES` sets another one: 32 MiB. */
export const DEFAULT_MAX_RESPONSE_BYTES = 33_554_432;

/** The message in place of a response that is too long. */
export const tooLongMessage = (maxBytes: number): string =>
  `The response has more than ${maxBytes} bytes: request fewer items, or fewer fields of each.`;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Subtracts the characters that the JSON of a value has at least. Stops at the first value that leaves less than 0. */
const subtract = (value: unknown, from: number): number => {
  if (typeof value === 'string') return from - value.length - 2;
  let left = from - 2;
  // By index and by name: lists of entries would be garbage for each row.
  if (Array.isArray(value)) for (let at = 0; at < value.length && left >= 0; at += 1) left = subtract(value[at], left);
  else if (!isFields(value) || typeof value.toJSON === 'function') return from - 1;
  else
    for (const name in value) {
      if (left < 0) break;
      if (value[name] !== undefined) left = subtract(value[name], left - name.length - 3);
    }
  return left;
};

/**
 * True if the JSON of a value certainly has more bytes than this. The text is not made for that: many aliases of a long
 * text, or many rows of one entity, may have a text of a gigabyte from little memory.
 */
export const hasLongerJson = (value: unknown, maxBytes: number): boolean => subtract(value, maxBytes) < 0;
