/** `JSON.rawJSON`: a value that is written as this text. Node has it; TypeScript's library does not yet. */
const rawJson: unknown = Reflect.get(JSON, 'rawJSON');

const exactNumber = (value: bigint): unknown => {
  if (typeof rawJson !== 'function') throw new Error('is a bigint, which this version of Node cannot write');
  return rawJson(String(value));
};

/** The reason why JSON would not hold a value as it is written; null where it does. */
const refusalOf = (value: unknown, isInList: boolean): string | null => {
  if (typeof value === 'number' && !Number.isFinite(value)) return `is ${value}, which JSON cannot hold`;
  if (isInList && value === undefined) return 'is undefined in a list';
  if (typeof value === 'function' || typeof value === 'symbol') return `is a ${typeof value}`;
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'is an invalid Date';
  if (value instanceof Map || value instanceof Set) return 'is a Map or Set: make an object or a list of it';
  return null;
};

function checked(this: unknown, name: string, written: unknown): unknown {
  // Before toJSON, which makes null of an invalid Date.
  const value: unknown = Reflect.get(Object(this), name);
  const reason = refusalOf(value, Array.isArray(this));
  if (reason !== null)
    throw new Error(name === '' ? `the body ${reason}` : `${JSON.stringify(name)} in the body ${reason}`);
  return typeof value === 'bigint' ? exactNumber(value) : written;
}

/** Only these can stand for a value that was lost. A text that holds them by itself costs a second look. */
const mayHaveLost = (text: string): boolean => text.includes('null') || text.includes('{}');

const asJson = (body: unknown): string | undefined => {
  try {
    return JSON.stringify(body);
  } catch (error) {
    // A bigint, or what is circular: the second look decides.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};

/**
 * The JSON text of a body. A bigint is a number with all its digits. A property that is undefined is left out.
 *
 * @throws Error for a value that JSON cannot hold and would drop or replace in silence.
 */
export const jsonBody = (body: unknown): string => {
  const text = asJson(body);
  return text === undefined || mayHaveLost(text) ? JSON.stringify(body, checked) : text;
};
