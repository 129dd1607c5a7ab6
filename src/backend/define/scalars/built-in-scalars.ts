import { GraphQLScalarType } from 'graphql';
import {
  GraphQLBigInt,
  GraphQLDate,
  GraphQLDateTimeISO,
  GraphQLEmailAddress,
  GraphQLJSON,
  GraphQLURL,
  GraphQLUUID,
} from 'graphql-scalars';

/** A scalar that every module may use without a declaration, with its TypeScript types in generated code. */
export interface UsualScalar {
  readonly type: GraphQLScalarType;
  /** Type of an argument in a resolver. */
  readonly input: string;
  /** Type of a value that a resolver may return. */
  readonly output: string;
}

const usual = (type: GraphQLScalarType, input: string, output: string): UsualScalar => ({ type, input, output });

/** True for a text in the format of `Date.prototype.toISOString`, which clients receive. */
const isMoment = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length !== 24) return false;
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString() === value;
};

// graphql-scalars' variant that serializes to text, under the common name. Text in the output format is returned
// unchanged.
const dateTime = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  serialize: (value) => (isMoment(value) ? value : GraphQLDateTimeISO.serialize(value)),
});

/** Bytes of a text in base64 (RFC 4648, section 4). `Buffer.from` ignores other characters, so the text is compared. */
const bytesOf = (value: unknown): Uint8Array => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : null;
  if (bytes === null || bytes.toString('base64') !== value)
    throw new TypeError('The value is not base64: use the alphabet of RFC 4648, section 4, with padding.');
  return bytes;
};

const base64Text = (value: unknown): string =>
  Buffer.from(value instanceof Uint8Array ? value : bytesOf(value)).toString('base64');

const base64 = new GraphQLScalarType({ name: 'Base64', parseValue: bytesOf, serialize: base64Text });

/** By SDL name. A module that declares one of these itself defines its meaning. */
export const USUAL_SCALARS: Readonly<Record<string, UsualScalar>> = {
  Base64: usual(base64, 'Uint8Array', 'Uint8Array | string'),
  // A number if it is exact: graphql-scalars parses only larger integers as bigint.
  BigInt: usual(GraphQLBigInt, 'bigint | number', 'bigint | number | string'),
  Date: usual(GraphQLDate, 'Date', 'Date | string'),
  DateTime: usual(dateTime, 'Date', 'Date | string'),
  EmailAddress: usual(GraphQLEmailAddress, 'string', 'string'),
  JSON: usual(GraphQLJSON, 'unknown', 'unknown'),
  URL: usual(GraphQLURL, 'URL', 'URL | string'),
  UUID: usual(GraphQLUUID, 'string', 'string'),
};
