import {
  type GraphQLScalarLiteralParser,
  type GraphQLSchema,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  valueFromASTUntyped,
} from 'graphql';
import { isExact } from '../../../core/exact-json.ts';

/**
 * The value of a literal as JSON. An integer that a number cannot hold exactly stays text; a module's BigInt accepts
 * both.
 */
const asJson: GraphQLScalarLiteralParser<unknown> = (node, variables) =>
  node.kind === Kind.INT && !isExact(node.value) ? node.value : valueFromASTUntyped(node, variables);

/**
 * Makes custom scalars of a new schema pass literals on unparsed, because each module parses them itself. Returns the
 * schema.
 */
export const withPassedLiterals = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap()))
    if (isScalarType(type) && !isSpecifiedScalarType(type)) type.parseLiteral = asJson;
  return schema;
};
