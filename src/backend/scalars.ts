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

// The one whose serialised form is text, under the name that everybody uses.
const dateTime = new GraphQLScalarType({ ...GraphQLDateTimeISO.toConfig(), name: 'DateTime' });

/** By name in SDL. A module that declares one of these itself keeps its own meaning of it. */
export const USUAL_SCALARS: Readonly<Record<string, UsualScalar>> = {
  BigInt: usual(GraphQLBigInt, 'bigint', 'bigint | number | string'),
  Date: usual(GraphQLDate, 'Date', 'Date | string'),
  DateTime: usual(dateTime, 'Date', 'Date | string'),
  EmailAddress: usual(GraphQLEmailAddress, 'string', 'string'),
  JSON: usual(GraphQLJSON, 'unknown', 'unknown'),
  URL: usual(GraphQLURL, 'URL', 'URL | string'),
  UUID: usual(GraphQLUUID, 'string', 'string'),
};
