import {
  type GraphQLScalarLiteralParser,
  type GraphQLSchema,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
  valueFromASTUntyped,
} from 'graphql';
import { isExact } from '../exact-json.ts';

/** The value of a literal as JSON holds it. An integer that a number would change stays text: a module's BigInt reads both. */
const asJson: GraphQLScalarLiteralParser<unknown> = (node, variables) =>
  node.kind === Kind.INT && !isExact(node.value) ? node.value : valueFromASTUntyped(node, variables);

/** Has custom scalars of a new schema pass literals on to the modules, each of which reads them by itself. Returns that schema. */
export const withPassedLiterals = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap()))
    if (isScalarType(type) && !isSpecifiedScalarType(type)) type.parseLiteral = asJson;
  return schema;
};
