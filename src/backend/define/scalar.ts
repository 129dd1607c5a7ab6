import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';

export interface ScalarMeaning<Internal> {
  /** Converts a client's value to the internal value. Throw an Error with a public message for an invalid value. */
  readonly parse: (value: unknown) => Internal;
  /** Converts an internal value to the client's value. */
  readonly serialize: (value: Internal) => unknown;
}

/** Defines a scalar that the module declares in its SDL: `resolvers: { Money: scalar({ parse, serialize }) }`. */
export const scalar = <Internal>({ parse, serialize }: ScalarMeaning<Internal>): GraphQLScalarType =>
  new GraphQLScalarType({
    name: 'Scalar', // replaced by its name in the SDL when the schema is built
    parseValue: parse,
    parseLiteral: (node, variables) => parse(valueFromASTUntyped(node, variables)),
    serialize: (value) => serialize(value as Internal), // graphql-js passes the value that a resolver returned
  });
