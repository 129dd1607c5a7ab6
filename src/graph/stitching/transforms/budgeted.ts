import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLSchema, getNullableType, isListType } from 'graphql';
import type { ExecutableResolver } from '../executable-resolver.ts';

/**
 * Wraps every field of a schema so that it takes from the execution's budget: the field before it is resolved, a list
 * before its items are completed.
 */
export const budgeted = (schema: GraphQLSchema): GraphQLSchema =>
  mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field) => {
      const resolve: ExecutableResolver = field.resolve ?? defaultFieldResolver;
      if (!isListType(getNullableType(field.type))) {
        const within: ExecutableResolver = (parent, args, context, info) =>
          context.budget.take() ?? resolve(parent, args, context, info);
        return { ...field, resolve: within };
      }
      const counted: ExecutableResolver = async (parent, args, context, info) => {
        const over = context.budget.take();
        if (over !== null) return over;
        const value: unknown = await resolve(parent, args, context, info);
        return Array.isArray(value) ? (context.budget.take(value.length) ?? value) : value;
      };
      return { ...field, resolve: counted };
    },
  });
