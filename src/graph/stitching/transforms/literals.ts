import { type GraphQLSchema, isScalarType, isSpecifiedScalarType } from 'graphql';
import { literalValue } from '../../../backend/define/scalars/scalar.ts';

/**
 * Makes custom scalars of a new schema pass literals on unparsed, because each module parses them itself. Returns the
 * schema.
 */
export const withPassedLiterals = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap()))
    if (isScalarType(type) && !isSpecifiedScalarType(type)) type.parseLiteral = literalValue;
  return schema;
};
