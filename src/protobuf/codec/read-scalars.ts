import type { ScalarName } from '../type-model.ts';
import type { ReadValue } from './message-plan.ts';

/** Wire type, default and reader of a scalar type. */
interface Scalar {
  readonly wire: number;
  readonly zero: unknown;
  readonly read: ReadValue;
}

/** Wire types: https://protobuf.dev/programming-guides/encoding/#structure */
export const VARINT = 0;
const EIGHT_BYTES = 1;
export const DELIMITED = 2;
export const GROUP = 3;
const FOUR_BYTES = 5;

const NO_BYTES = new Uint8Array(0);

const SCALARS: Readonly<Record<ScalarName, Scalar>> = {
  double: { wire: EIGHT_BYTES, zero: 0, read: (reader) => reader.double() },
  float: { wire: FOUR_BYTES, zero: 0, read: (reader) => reader.float() },
  int32: { wire: VARINT, zero: 0, read: (reader) => reader.int32() },
  uint32: { wire: VARINT, zero: 0, read: (reader) => reader.uint32() },
  sint32: { wire: VARINT, zero: 0, read: (reader) => reader.sint32() },
  fixed32: { wire: FOUR_BYTES, zero: 0, read: (reader) => reader.fixed32() },
  sfixed32: { wire: FOUR_BYTES, zero: 0, read: (reader) => reader.sfixed32() },
  int64: { wire: VARINT, zero: '0', read: (reader) => String(reader.int64()) },
  uint64: { wire: VARINT, zero: '0', read: (reader) => String(reader.uint64()) },
  sint64: { wire: VARINT, zero: '0', read: (reader) => String(reader.sint64()) },
  fixed64: { wire: EIGHT_BYTES, zero: '0', read: (reader) => String(reader.fixed64()) },
  sfixed64: { wire: EIGHT_BYTES, zero: '0', read: (reader) => String(reader.sfixed64()) },
  bool: { wire: VARINT, zero: false, read: (reader) => reader.bool() },
  string: { wire: DELIMITED, zero: '', read: (reader) => reader.string() },
  bytes: { wire: DELIMITED, zero: NO_BYTES, read: (reader) => reader.bytes() },
};

export const scalarReader = (type: ScalarName): Scalar => SCALARS[type];
