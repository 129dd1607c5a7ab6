import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
/** 43 random digits of base 62: 256 bits. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

const KEY = /^tby_([\dA-Za-z]{12})_[\dA-Za-z]{49}$/;
/** Length of a key in characters. */
const KEY_LENGTH = 66;

/** Form of an id. */
export const KEY_ID = /^[\dA-Za-z]{12}$/;

/** A key of valid form. Nothing of it is verified. */
export interface KeyText {
  readonly id: string;
  /** The whole key. */
  readonly text: string;
}

const randomDigits = (count: number): string =>
  Array.from({ length: count }, () => DIGITS[randomInt(DIGITS.length)]).join('');

/** CRC-32 as six digits of base 62. */
const checksumOf = (text: string): string => {
  let rest = crc32(text);
  let digits = '';
  for (let at = 0; at < CHECKSUM_LENGTH; at += 1) {
    digits = `${DIGITS[rest % DIGITS.length]}${digits}`;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
};

/** The key of an id and a secret, with its checksum. */
export const keyWith = (id: string, secret: string): string => {
  const text = `tby_${id}_${secret}`;
  return text + checksumOf(text);
};

/**
 * Makes a new key: `tby_<id>_<secret><checksum>`. The prefix and the checksum let scanners find keys in sources and logs
 * without false alarms; the id is public.
 */
export const newKey = (): KeyText => {
  const id = randomDigits(ID_LENGTH);
  return { id, text: keyWith(id, randomDigits(SECRET_LENGTH)) };
};

/** Reads a key. Returns null for another form or a wrong checksum, which most mistyped and guessed keys have. */
export const readKey = (text: string): KeyText | null => {
  // Before the pattern, so that a long text costs nothing.
  if (text.length !== KEY_LENGTH) return null;
  const id = KEY.exec(text)?.[1];
  if (id === undefined) return null;
  const end = KEY_LENGTH - CHECKSUM_LENGTH;
  return checksumOf(text.slice(0, end)) === text.slice(end) ? { id, text } : null;
};

/** The SHA-256 of a key: all that a store has of it. 256 random bits cannot be guessed, so that no slow hash is needed. */
export const keyDigest = (text: string): Buffer => hash('sha256', text, 'buffer');
