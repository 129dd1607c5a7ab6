import { GraphQLError } from 'graphql';

/** Messages of graphql-js with names from the client's document only. */
const OF_THE_CLIENT: readonly RegExp[] = [
  /^(Int|Float|String|Boolean|ID) cannot represent /,
  /^Unknown (fragment|directive|type) /,
  /^Unknown argument "\w+" on directive /,
  /^There can be only one /,
  /^The directive "@\w+" can only be used once /,
  /^Directive "@\w+" /,
  /^Fragment "\w+" is never used/,
  /^Cannot spread fragment /,
  /^This anonymous operation must be the only /,
  /^The \S+ definition is not executable/,
  /^Variable "\$\w+" is (never used|not defined)/,
  /^Variable "\$\w+" of (required|non-null) type "[^"]*" (was not provided|must not be null)\.$/,
  /^Argument "\w+" has invalid value /,
  /^Too many /,
  /^The (number|alias|variable name) /,
  /^GraphQL introspection is not allowed/,
  /^Introspection is not allowed below other fields/,
];

/**
 * Replacements for messages with names that only the schema has. Each pattern covers the whole message, including line
 * breaks in values.
 */
const REWRITTEN: readonly (readonly [RegExp, string])[] = [
  [/^Cannot query field ("\w+") on type .*/s, 'Cannot query field $1 here.'],
  [/^Unknown argument ("\w+") on field .*/s, 'Unknown argument $1.'],
  [/^Field ("\w+") argument .* is required, but it was not provided\.$/s, 'Field $1 lacks a required argument.'],
  [/^Field ("\w+") must not have a selection .*/s, 'Field $1 has no subfields.'],
  [/^Field ("\w+") of type .* must have .*/s, 'Field $1 must have a selection of subfields.'],
  [/^Field "[\w.]+" of required type .* was not provided\.$/s, 'A required field is missing.'],
  [/^Field ("\w+") is not defined by type .*/s, 'Field $1 is not defined.'],
  [/^Field "(?:\w+\.)?(\w+)" must be non-null\.$/s, 'Field "$1" must not be null.'],
  [/^Fragment .*cannot (be spread here|condition on) .*/s, 'The fragment cannot be used here.'],
  [/^Variable ("\$\w+") (is )?of type .*/s, 'The type of variable $1 does not fit here.'],
  [/^Variable ("\$\w+") cannot be .*/s, 'The type of variable $1 is not an input type.'],
  [/^Fields ("\w+") conflict because they return .*/s, 'Fields $1 conflict because they return different types.'],
  [/^Fields ("\w+") conflict because .*/s, 'Fields $1 conflict. Use different aliases to fetch both.'],
  [/^Value ("\w+") does not exist in .*/s, 'Value $1 does not exist in this enum.'],
  [/^Enum "\w+" cannot represent .*/s, 'Expected an enum value.'],
  [/^(OneOf Input Object|Exactly one key must be specified) .*/s, 'Exactly one field must be set.'],
  [/^Expected non-nullable type .*/s, 'The value must not be null.'],
  [/^Expected type "\w+" to be an object\.$/s, 'Expected an object.'],
  [/^Expected value of type "[^"]*!", found null\.$/s, 'The value must not be null.'],
  [/^Argument ("\w+") of (required|non-null) type .*/s, 'Argument $1 must not be null.'],
];

const OF_VARIABLE = /^Variable "\$(\w+)" got invalid value /;

/** The message of a module's own scalar, which is written for clients. */
const ownWords = ({ originalError }: GraphQLError): string | null =>
  originalError instanceof Error && !(originalError instanceof GraphQLError) ? originalError.message : null;

const reasonOf = (error: GraphQLError): string => {
  const { message } = error;
  if (OF_THE_CLIENT.some((pattern) => pattern.test(message))) return message;
  const rewritten = REWRITTEN.find(([pattern]) => pattern.test(message));
  if (rewritten !== undefined) return message.replace(...rewritten);
  const words = ownWords(error);
  return words === null ? 'Does not match the schema.' : `Invalid value: ${words}`;
};

/**
 * Returns the message of a validation or coercion error without names of types, fields, arguments and enum values that
 * the client did not send. Without introspection, messages would otherwise reveal the schema. An unknown message is
 * replaced by a general one.
 */
export const namelessMessage = (error: GraphQLError): string => {
  const variable = OF_VARIABLE.exec(error.message)?.[1];
  if (variable === undefined) return reasonOf(error);
  const { originalError: cause } = error;
  if (!(cause instanceof GraphQLError)) return `Variable "$${variable}" got an invalid value.`;
  // The value precedes the position, and may contain any text.
  const position = / at "([^"]*)"$/.exec(error.message.slice(0, -`; ${cause.message}`.length))?.[1];
  return `Variable "$${variable}" got an invalid value${position === undefined ? '' : ` at "${position}"`}. ${reasonOf(cause)}`;
};
