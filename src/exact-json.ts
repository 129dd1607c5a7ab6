/** A number of a JSON text that a JavaScript number would change. */
export class InexactNumberError extends Error {
  override readonly name = 'InexactNumberError';
  /** The number as it was written; of a long one only the beginning. */
  readonly number: string;

  constructor(number: string) {
    super('a number has more digits, or a larger exponent, than can be kept');
    this.number = number.length > 40 ? `${number.slice(0, 40)}…` : number;
  }
}

const INTEGER = /^-?\d+$/;
const ZERO = 0x30;

const SAFE_LENGTH = 15;
/** Digits that tell any two doubles apart: a correct printer needs no more. */
const MAX_DIGITS = 17;

/** The significant digits of a number, and the power of ten of the last one. */
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
 * True if a double keeps a number of a JSON text. An integer must have the same digits when it is printed, as an ID is. Any other
 * number must be what the double is with as many significant digits, of which there may be 17.
 */
export const isExact = (number: string): boolean => {
  // 15 significant digits survive in every double (IEEE 754).
  if (number.length <= SAFE_LENGTH && !/[eE]/.test(number)) return true;
  const value = Number(number);
  if (INTEGER.test(number)) return String(value) === number || value === 0;
  const [digits, power] = decimalOf(number);
  if (digits === '') return true;
  if (digits.length > MAX_DIGITS || !Number.isFinite(value)) return false;
  const [kept, keptPower] = decimalOf(value.toPrecision(digits.length));
  return kept === digits && keptPower === power;
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const POINT = 0x2e;

/** Where the string ends that begins before `from`. */
const afterString = (text: string, from: number): number => {
  let at = text.indexOf('"', from);
  for (;;) {
    let escapes = at;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((at - escapes) % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
};

/** Calls `visit` for each number in a text that is JSON. */
const eachNumber = (text: string, visit: (number: string, at: number) => void): void => {
  // Not one pattern for strings too: on one with millions of escapes it runs out of stack.
  const quoteOrNumber = /"|-?\d[\d.eE+-]*/g;
  for (let found = quoteOrNumber.exec(text); found !== null; found = quoteOrNumber.exec(text)) {
    if (found[0] === '"') quoteOrNumber.lastIndex = afterString(text, quoteOrNumber.lastIndex);
    else visit(found[0], found.index);
  }
};

/** Finds 16 digits or an exponent where a number may stand. A string may hold some too: that costs time only. */
const MAY_BE_INEXACT = /(?:^|[[:,\s])-?\d(?:[\d.]{15}|[\d.]*[eE])/;

/**
 * The value of a JSON text, every number of which is kept as it was written.
 *
 * @throws InexactNumberError for a number that would change; SyntaxError for text that is not JSON.
 */
export const parseExactly = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  if (MAY_BE_INEXACT.test(text))
    eachNumber(text, (number) => {
      if (!isExact(number)) throw new InexactNumberError(number);
    });
  return value;
};

const isDigit = (code: number): boolean => code >= ZERO && code <= ZERO + 9;
const LONG = 16;

/** True if 9,007,199,254,740,993 or an integer as long may be in the text. Of 16 digits in a row every 16th character meets one. */
const mayHoldLargeInteger = (text: string): boolean => {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end += 1;
    const isLarge = end - start > LONG || (end - start === LONG && text.charCodeAt(start) === ZERO + 9);
    const before = text.charCodeAt(start - 1);
    if (isLarge && before !== QUOTE && before !== POINT) return true;
    at = Math.max(at, end - LONG);
  }
  return false;
};

/**
 * The value of a JSON text, in which integers that a number would change are strings of their digits. Other numbers are the nearest
 * double, as everywhere.
 *
 * @throws SyntaxError for text that is not JSON.
 */
export const parseKeepingDigits = (text: string): unknown => {
  const value: unknown = JSON.parse(text);
  if (!mayHoldLargeInteger(text)) return value;
  let quoted = '';
  let done = 0;
  eachNumber(text, (number, at) => {
    if (number.length < LONG || !INTEGER.test(number) || isExact(number)) return;
    quoted += `${text.slice(done, at)}"${number}"`;
    done = at + number.length;
  });
  return done === 0 ? value : JSON.parse(quoted + text.slice(done));
};
