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

/** By SDL name. A module that declares one of these itself defines its meaning. */
export const USUAL_SCALARS: Readonly<Record<string, UsualScalar>> = {
  // A number if it is exact: graphql-scalars parses only larger integers as bigint.
  BigInt: usual(GraphQLBigInt, 'bigint | number', 'bigint | number | string'),
  Date: usual(GraphQLDate, 'Date', 'Date | string'),
  DateTime: usual(dateTime, 'Date', 'Date | string'),
  EmailAddress: usual(GraphQLEmailAddress, 'string', 'string'),
  JSON: usual(GraphQLJSON, 'unknown', 'unknown'),
  URL: usual(GraphQLURL, 'URL', 'URL | string'),
  UUID: usual(GraphQLUUID, 'string', 'string'),
};
