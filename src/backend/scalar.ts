import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';

export interface ScalarMeaning<Internal> {
  /** Makes the resolvers' value of what a client sent. Throw an Error with a message for the client where it is wrong. */
  readonly parse: (value: unknown) => Internal;
  /** Makes what the client gets of a resolver's value. */
  readonly serialize: (value: Internal) => unknown;
}

/** The meaning of a scalar that the module declares in its SDL: `resolvers: { Money: scalar({ parse, serialize }) }`. */
export const scalar = <Internal>({ parse, serialize }: ScalarMeaning<Internal>): GraphQLScalarType =>
  new GraphQLScalarType({
    name: 'Scalar', // takes the name it has in the SDL when the schema is built
    parseValue: parse,
    parseLiteral: (node, variables) => parse(valueFromASTUntyped(node, variables)),
    serialize: (value) => serialize(value as Internal), // graphql-js hands over what a resolver returned
  });
