import { GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { isExact } from '../../../core/exact-json.ts';

export interface ScalarMeaning<Internal> {
  /** Converts a client's value to the internal value. Throw an Error with a public message for an invalid value. */
  readonly parse: (value: unknown) => Internal;
  /** Converts an internal value to the client's value. */
  readonly serialize: (value: Internal) => unknown;
}

/**
 * Returns the value of a literal of a custom scalar as JSON. An integer that a number cannot hold exactly stays text; a
 * BigInt accepts both.
 */
export const literalValue = (node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown =>
  node.kind === Kind.INT && !isExact(node.value) ? node.value : valueFromASTUntyped(node, variables);

/** Defines a scalar that the module declares in its SDL: `resolvers: { Money: scalar({ parse, serialize }) }`. */
export const scalar = <Internal>({ parse, serialize }: ScalarMeaning<Internal>): GraphQLScalarType =>
  new GraphQLScalarType({
    name: 'Scalar', // replaced by its name in the SDL when the schema is built
    parseValue: parse,
    parseLiteral: (node, variables) => parse(literalValue(node, variables)),
    serialize: (value) => serialize(value as Internal), // graphql-js passes the value that a resolver returned
  });
