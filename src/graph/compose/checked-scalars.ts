import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLScalarType, type GraphQLSchema, isScalarType, isSpecifiedScalarType } from 'graphql';

/**
 * Makes the schema of all modules reject values that a module's scalar rejects, before execution: stitched scalars
 * accept every value. Accepted values are passed on unchanged, and each module parses them itself.
 */
export const withCheckedScalars = (schema: GraphQLSchema, modules: readonly GraphQLSchema[]): GraphQLSchema =>
  mapSchema(schema, {
    [MapperKind.SCALAR_TYPE]: (type) => {
      const own = modules.map((module) => module.getType(type.name)).filter(isScalarType);
      if (isSpecifiedScalarType(type) || own.length === 0) return type;
      return new GraphQLScalarType({
        ...type.toConfig(),
        parseValue: (value) => {
          for (const scalar of own) scalar.parseValue(value);
          return value;
        },
        parseLiteral: (node, variables) => {
          for (const scalar of own) scalar.parseLiteral(node, variables);
          return type.parseLiteral(node, variables);
        },
      });
    },
  });
