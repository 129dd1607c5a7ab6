/** `JSON.rawJSON`: writes a text into JSON unchanged. Missing in TypeScript's library. */
const rawJson: unknown = Reflect.get(JSON, 'rawJSON');

const exactNumber = (value: bigint): unknown => {
  if (typeof rawJson !== 'function') throw new Error('is a bigint, which this version of Node cannot write');
  return rawJson(String(value));
};

/** The reason for which JSON cannot represent a value; null if it can. */
const refusalOf = (value: unknown, isInList: boolean): string | null => {
  if (typeof value === 'number' && !Number.isFinite(value)) return `is ${value}, which JSON cannot represent`;
  if (isInList && value === undefined) return 'is undefined in a list';
  if (typeof value === 'function' || typeof value === 'symbol') return `is a ${typeof value}`;
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'is an invalid Date';
  if (value instanceof Map || value instanceof Set) return 'is a Map or Set: convert it to an object or a list';
  return null;
};

function checked(this: unknown, name: string, written: unknown): unknown {
  // Read before toJSON, which turns an invalid Date into null.
  const value: unknown = Reflect.get(Object(this), name);
  const reason = refusalOf(value, Array.isArray(this));
  if (reason !== null)
    throw new Error(name === '' ? `the body ${reason}` : `${JSON.stringify(name)} in the body ${reason}`);
  return typeof value === 'bigint' ? exactNumber(value) : written;
}

/**
 * Serializes a body as JSON. A bigint becomes a number with all its digits; an undefined property is left out.
 *
 * @throws Error for a value that JSON would drop or replace silently.
 */
export const jsonBody = (body: unknown): string => JSON.stringify(body, checked);
