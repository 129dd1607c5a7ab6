/** The environment of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the variables that are set, without surrounding white space, which files and templates leave behind. A
 * variable with an empty value counts as not set, as in shells and compose files.
 */
export const trimmed = (env: Env): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value = '']) => (value.trim() === '' ? [] : [[name, value.trim()]])),
  );

// U+FFFD stands for bytes that were not UTF-8.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/u;

/**
 * True for a text with a control or format character. Line ends around the commas and semicolons of a list are allowed.
 */
export const hasInvisible = (text: string): boolean => INVISIBLE.test(text.replaceAll(/\s*[,;]\s*/g, ','));

/** Returns the parts between commas, without surrounding white space and without empty ones. */
export const partsOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** True for a text in which each % is followed by two hex digits that make UTF-8. */
export const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

const MAX_SHOWN = 200;

/** Returns a text as one short line of a message, with U+FFFD for invisible characters. */
export const printableText = (text: string): string =>
  text.slice(0, MAX_SHOWN).replaceAll(new RegExp(INVISIBLE, 'gu'), '\uFFFD');

/**
 * True if a message must not repeat a part of a value: with `@`, any part may belong to a password that has a comma or
 * a semicolon in it; a query may hold a key.
 */
export const mayHoldSecret = (part: string, whole: string): boolean => whole.includes('@') || part.includes('?');

/** Returns a part of a value for a message, quoted, or a placeholder if it may hold a secret. */
export const quotedText = (part: string, whole: string): string =>
  mayHoldSecret(part, whole) ? '[redacted]' : `"${printableText(part)}"`;
