import { Misfit } from './misfit.ts';

type Convert = (value: unknown) => unknown;

const integer32 =
  (least: number, most: number): Convert =>
  (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Misfit(`expected an integer from ${least} to ${most}`);
  };

const bigintOf = (value: unknown): bigint | null => {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  // Bounded, because the time BigInt takes is not.
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
};

const integer64 =
  (least: bigint, most: bigint): Convert =>
  (value) => {
    const integer = bigintOf(value);
    if (integer === null || integer < least || integer > most)
      throw new Misfit(`expected an integer from ${least} to ${most}, as text where it is not a safe number`);
    return String(integer);
  };

const number: Convert = (value) => {
  if (typeof value === 'number') return value;
  throw new Misfit('expected a number');
};

const bool: Convert = (value) => {
  if (typeof value === 'boolean') return value;
  throw new Misfit('expected true or false');
};

const string: Convert = (value) => {
  if (typeof value !== 'string') throw new Misfit('expected text');
  if (!value.isWellFormed()) throw new Misfit('expected well-formed Unicode');
  return value;
};

const bytes: Convert = (value) => {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value)) return Buffer.from(value, 'base64');
  throw new Misfit('expected bytes, or base64 text');
};

const int32 = integer32(-2_147_483_648, 2_147_483_647);
const uint32 = integer32(0, 4_294_967_295);
const int64 = integer64(-(2n ** 63n), 2n ** 63n - 1n);
const uint64 = integer64(0n, 2n ** 64n - 1n);

/** By type of the field: checks a value and returns it as protobufjs writes it. Throws a `Misfit`. */
export const SCALARS: Readonly<Record<string, Convert>> = {
  double: number,
  float: number,
  int32,
  sint32: int32,
  sfixed32: int32,
  uint32,
  fixed32: uint32,
  int64,
  sint64: int64,
  sfixed64: int64,
  uint64,
  fixed64: uint64,
  bool,
  string,
  bytes,
};
