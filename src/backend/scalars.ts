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

/** A scalar that every module may use without declaring it, and its TypeScript types in generated code. */
export interface UsualScalar {
  readonly type: GraphQLScalarType;
  /** What a resolver receives as an argument. */
  readonly input: string;
  /** What a resolver may return. */
  readonly output: string;
}

const usual = (type: GraphQLScalarType, input: string, output: string): UsualScalar => ({ type, input, output });

/** Whether a text is a moment as JavaScript writes it, and so as clients get it. */
const isMoment = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length !== 24) return false;
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString() === value;
};

// The one whose serialised form is text, under the name that everybody uses; what most backends send needs no second look.
const dateTime = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  name: 'DateTime',
  serialize: (value) => (isMoment(value) ? value : GraphQLDateTimeISO.serialize(value)),
});

/** By name in SDL. A module that declares one of these itself keeps its own meaning of it. */
export const USUAL_SCALARS: Readonly<Record<string, UsualScalar>> = {
  // A number where that is exact: graphql-scalars parses only larger integers as bigint.
  BigInt: usual(GraphQLBigInt, 'bigint | number', 'bigint | number | string'),
  Date: usual(GraphQLDate, 'Date', 'Date | string'),
  DateTime: usual(dateTime, 'Date', 'Date | string'),
  EmailAddress: usual(GraphQLEmailAddress, 'string', 'string'),
  JSON: usual(GraphQLJSON, 'unknown', 'unknown'),
  URL: usual(GraphQLURL, 'URL', 'URL | string'),
  UUID: usual(GraphQLUUID, 'string', 'string'),
};
