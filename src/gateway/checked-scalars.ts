import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLScalarType, type GraphQLSchema, isScalarType, isSpecifiedScalarType } from 'graphql';

/**
 * Has the schema of all modules refuse what a module's scalar refuses, before anything is executed: stitching lets everything pass.
 * What passes stays as the client sent it, and each module reads it by itself.
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
