import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLScalarType, type GraphQLSchema, isSpecifiedScalarType } from 'graphql';

const isPrintable = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

/**
 * Returns a schema to be printed, introspected and validated against, never executed. graphql-js 16 throws for the
 * default value of a custom scalar that is an object or a list (`astFromValue`), such as `filter: JSON = {}`: such a
 * default is left out of the text. The argument stays optional.
 */
export const printableSchema = (schema: GraphQLSchema): GraphQLSchema =>
  mapSchema(schema, {
    [MapperKind.SCALAR_TYPE]: (type) => {
      if (isSpecifiedScalarType(type)) return type;
      return new GraphQLScalarType({
        ...type.toConfig(),
        serialize: (value) => {
          const serialized = type.serialize(value);
          return isPrintable(serialized) ? serialized : null;
        },
      });
    },
  });
