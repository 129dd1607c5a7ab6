/** Thrown for a number in JSON text that a JavaScript number would change. */
export class InexactNumberError extends Error {
  override readonly name = 'InexactNumberError';
  /** The number as written; at most its first 40 characters. */
  readonly number: string;

  constructor(number: string) {
    super('a number has more digits or a larger exponent than a double can represent');
    this.number = number.length > 40 ? `${number.slice(0, 40)}…` : number;
  }
}

const INTEGER = /^-?\d+$/;
const ZERO = 0x30;

/**
 * A decimal number of 15 significant digits survives conversion to a double and back (IEEE 754), if the double has its
 * full precision.
 */
const SAFE_LENGTH = 15;
const MIN_NORMAL = 2 ** -1022;

/** True if the double has its full precision: it is neither infinite nor too close to zero. */
const isNormal = (value: number): boolean => Number.isFinite(value) && Math.abs(value) >= MIN_NORMAL;

/** Significant digits that distinguish any two doubles. A correct printer needs no more. */
const MAX_DIGITS = 17;

/** Returns the significant digits of a number, and the power of ten of the last one. */
const decimalOf = (number: string): readonly [digits: string, power: number] => {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(number) ?? [];
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  while (start < end && digits.charCodeAt(start) === ZERO) start += 1;
  while (end > start && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  return [digits.slice(start, end), Number(exponent) - fraction.length + digits.length - end];
};

/**
 * True if a double represents a number of JSON text without a change. An integer must print as the same digits, because
 * it may be an ID. Any other number must equal the double when that is rounded to the same number of significant
 * digits, at most 17.
 */
export const isExact = (number: string): boolean => {
  const value = Number(number);
  if (number.length <= SAFE_LENGTH && (isNormal(value) || !/[eE]/.test(number))) return true;
  if (String(value) === number) return true;
  if (INTEGER.test(number)) return value === 0;
  const [digits, power] = decimalOf(number);
  if (digits === '') return true;
  if (digits.length > MAX_DIGITS || !Number.isFinite(value)) return false;
  const [kept, keptPower] = decimalOf(value.toPrecision(digits.length));
  return kept === digits && keptPower === power;
};

const BACKSLASH = 0x5c;

/** Returns the index after a string with its content starting at `from`. */
const afterString = (text: string, from: number): number => {
  let at = text.indexOf('"', from);
  for (;;) {
    let escapes = at;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((at - escapes) % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
};

/** Calls `visit` for each number in valid JSON text. */
const eachNumber = (text: string, visit: (number: string, at: number) => void): void => {
  // Strings are skipped by hand: a pattern for them runs out of stack on a string with millions of escapes.
  const quoteOrNumber = /"|-?\d[\d.eE+-]*/g;
  for (let found = quoteOrNumber.exec(text); found !== null; found = quoteOrNumber.exec(text)) {
    if (found[0] === '"') quoteOrNumber.lastIndex = afterString(text, quoteOrNumber.lastIndex);
    else visit(found[0], found.index);
  }
};

/**
 * Matches 16 characters of a number, or an exponent of three digits, at a place where a number may be. A match inside a
 * string only costs time. A shorter number with a smaller exponent is far from both ends of the range of a double.
 */
const MAY_BE_INEXACT = /(?:^|[[:,\s])-?\d(?:[\d.eE+-]{15}|[\d.]*[eE][+-]?\d{3})/;

/**
 * Parses JSON text, and rejects it if a number would be changed.
 *
 * @throws InexactNumberError for a number that would change; SyntaxError for invalid JSON.
 */
export const parseExactly = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  if (MAY_BE_INEXACT.test(text))
    eachNumber(text, (number) => {
      if (!isExact(number)) throw new InexactNumberError(number);
    });
  return value;
};

const LONG = 16;
const DIGITS = '\\d'.repeat(LONG - 1);

/**
 * Matches the digits of an integer of 9,007,199,254,740,992 or more. The digits are written out, because V8 then skips
 * several characters at a time, which it does not for `\d{15}`.
 */
const MAY_BE_LARGE_INTEGER = new RegExp(`(?<![".\\d])(?:9${DIGITS}|\\d\\d${DIGITS})`);

/**
 * Parses JSON text. Integers beyond 2^53 become strings of their digits, also those that a double holds: the ids of one
 * backend then have one type above 2^53. Other numbers become the nearest double, as with `JSON.parse`.
 *
 * @throws SyntaxError for invalid JSON.
 */
export const parseKeepingDigits = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  if (!MAY_BE_LARGE_INTEGER.test(text)) return value;
  let quoted = '';
  let done = 0;
  eachNumber(text, (number, at) => {
    if (number.length < LONG || !INTEGER.test(number) || Number.isSafeInteger(Number(number))) return;
    quoted += `${text.slice(done, at)}"${number}"`;
    done = at + number.length;
  });
  return done === 0 ? value : JSON.parse(quoted + text.slice(done));
};
