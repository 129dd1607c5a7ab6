import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { ScalarName } from '../type-model.ts';
import { InvalidValueError } from './invalid-value.ts';

/** Writes one message. */
export class MessageWriter extends BinaryWriter {
  /** Nesting depth of the message that is being written. */
  depth = 0;
}

/** Checks a value and writes it. Throws a `InvalidValueError` for an invalid one. */
export type WriteValue = (writer: MessageWriter, value: unknown) => void;

/** Wire type and writer of a scalar type. Wire types: https://protobuf.dev/programming-guides/encoding/#structure */
interface Scalar {
  readonly wire: number;
  readonly write: WriteValue;
}

const VARINT = 0;
const EIGHT_BYTES = 1;
const DELIMITED = 2;
const FOUR_BYTES = 5;

const integer32 =
  (least: number, most: number) =>
  (value: unknown): number => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidValueError(`expected an integer from ${least} to ${most}`);
  };

const bigintOf = (value: unknown): bigint | null => {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  // At most 20 digits: the time that BigInt takes grows with the length.
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
};

const integer64 =
  (least: bigint, most: bigint) =>
  (value: unknown): bigint => {
    const integer = bigintOf(value);
    if (integer === null || integer < least || integer > most)
      throw new InvalidValueError(
        `expected an integer from ${least} to ${most}, as text above Number.MAX_SAFE_INTEGER`,
      );
    return integer;
  };

const number = (value: unknown): number => {
  if (typeof value === 'number') return value;
  throw new InvalidValueError('expected a number');
};

const bool = (value: unknown): boolean => {
  if (typeof value === 'boolean') return value;
  throw new InvalidValueError('expected true or false');
};

const string = (value: unknown): string => {
  if (typeof value !== 'string') throw new InvalidValueError('expected text');
  if (!value.isWellFormed()) throw new InvalidValueError('expected well-formed Unicode');
  return value;
};

const bytes = (value: unknown): Uint8Array => {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value)) return Buffer.from(value, 'base64');
  throw new InvalidValueError('expected bytes, or base64 text');
};

const int32 = integer32(-2_147_483_648, 2_147_483_647);
const uint32 = integer32(0, 4_294_967_295);
const int64 = integer64(-(2n ** 63n), 2n ** 63n - 1n);
const uint64 = integer64(0n, 2n ** 64n - 1n);

/** Scalar types by name. */
const SCALARS: Readonly<Record<ScalarName, Scalar>> = {
  double: { wire: EIGHT_BYTES, write: (writer, value) => writer.double(number(value)) },
  float: { wire: FOUR_BYTES, write: (writer, value) => writer.float(Math.fround(number(value))) },
  int32: { wire: VARINT, write: (writer, value) => writer.int32(int32(value)) },
  sint32: { wire: VARINT, write: (writer, value) => writer.sint32(int32(value)) },
  sfixed32: { wire: FOUR_BYTES, write: (writer, value) => writer.sfixed32(int32(value)) },
  uint32: { wire: VARINT, write: (writer, value) => writer.uint32(uint32(value)) },
  fixed32: { wire: FOUR_BYTES, write: (writer, value) => writer.fixed32(uint32(value)) },
  int64: { wire: VARINT, write: (writer, value) => writer.int64(int64(value)) },
  sint64: { wire: VARINT, write: (writer, value) => writer.sint64(int64(value)) },
  sfixed64: { wire: EIGHT_BYTES, write: (writer, value) => writer.sfixed64(int64(value)) },
  uint64: { wire: VARINT, write: (writer, value) => writer.uint64(uint64(value)) },
  fixed64: { wire: EIGHT_BYTES, write: (writer, value) => writer.fixed64(uint64(value)) },
  bool: { wire: VARINT, write: (writer, value) => writer.bool(bool(value)) },
  string: { wire: DELIMITED, write: (writer, value) => writer.string(string(value)) },
  bytes: { wire: DELIMITED, write: (writer, value) => writer.bytes(bytes(value)) },
};

export const writtenScalar = (type: ScalarName): Scalar => SCALARS[type];
