import type { Row } from './message-plan.ts';

/* Values of well-known types: https://protobuf.dev/programming-guides/json/ */

// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;
/** 10,000 years. */
const MAX_DURATION_SECONDS = 315_576_000_000;
const MAX_NANOS = 999_999_999;

/** Returns the decimals of a second with 0, 3, 6 or 9 digits. */
const decimals = (nanos: number): string => {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`;
  return `.${digits.endsWith('000') ? digits.slice(0, 6) : digits}`;
};

/** Formats a Timestamp (RFC 3339, in UTC). @throws RangeError outside of the years 1 to 9999 */
export const timestampText = ({ seconds, nanos }: Row): string => {
  const [second, nano] = [Number(seconds), Number(nanos)];
  if (!(second >= FIRST_SECOND && second <= LAST_SECOND && nano >= 0 && nano <= MAX_NANOS))
    throw new RangeError(`a Timestamp is out of range: ${second} seconds, ${nano} nanos`);
  return `${new Date(second * 1_000).toISOString().slice(0, 19)}${decimals(nano)}Z`;
};

/** Formats a Duration, as in `1.5s`. @throws RangeError for more than 10,000 years, and for different signs */
export const durationText = ({ seconds, nanos }: Row): string => {
  const [second, nano] = [Number(seconds), Number(nanos)];
  if (Math.abs(second) > MAX_DURATION_SECONDS || Math.abs(nano) > MAX_NANOS || second * nano < 0)
    throw new RangeError(`a Duration is out of range: ${second} seconds, ${nano} nanos`);
  return `${second < 0 || nano < 0 ? '-' : ''}${Math.abs(second)}${decimals(Math.abs(nano))}s`;
};

const camelCase = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());

/** Formats a FieldMask: its paths in lowerCamel, with commas. */
export const maskText = ({ paths }: Row): string =>
  Array.isArray(paths) ? paths.map(String).map(camelCase).join(',') : '';
