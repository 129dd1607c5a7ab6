import { isPromise, MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import { rootCause } from '../apollo/root-cause.ts';
import type { ExecutionContext } from '../execution-context.ts';

type Resolver = GraphQLFieldResolver<unknown, ExecutionContext>;

const withoutPath = (value: unknown): unknown => {
  if (value instanceof Error) return rootCause(value);
  return Array.isArray(value) && value.some((item) => item instanceof Error || Array.isArray(item))
    ? value.map(withoutPath)
    : value;
};

/**
 * Rejects an undefined value: delegation has dropped the selection. Modules and joins return at least null for every
 * requested field.
 */
const present = (value: unknown, { parentType, fieldName }: GraphQLResolveInfo): unknown => {
  if (value === undefined) throw new Error(`Delegation dropped ${parentType.name}.${fieldName}.`);
  return withoutPath(value);
};

const fail = (error: unknown): never => {
  throw rootCause(error);
};

const relocating =
  (resolve: Resolver): Resolver =>
  (parent, args, context, info) => {
    const over = context.budget.take();
    if (over !== null) return over;
    try {
      const value = resolve(parent, args, context, info);
      return isPromise(value) ? value.then((late) => present(late, info), fail) : present(value, info);
    } catch (error) {
      return fail(error);
    }
  };

/** Drops everything loaded before each root field of a mutation. */
const resetting =
  (resolve: Resolver): Resolver =>
  (parent, args, context, info) => {
    context.renew();
    return resolve(parent, args, context, info);
  };

/**
 * Gives every error the path of the client's field. Stitching reports the error of a joined field without its list
 * index, and graphql-js keeps the path of an error that has one; without a path it uses the field's own.
 */
export const relocateErrors = (schema: GraphQLSchema): GraphQLSchema => {
  const mutation = schema.getMutationType()?.name;
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, _name, type) => {
      const resolve = relocating(field.resolve ?? defaultFieldResolver);
      return { ...field, resolve: type === mutation ? resetting(resolve) : resolve };
    },
  });
};
