import { isPromise, MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import type { ExecutionContext } from './execution-context.ts';
import { rootCause } from './root-cause.ts';

type Resolver = GraphQLFieldResolver<unknown, ExecutionContext>;

const unlocated = (value: unknown): unknown => {
  if (value instanceof Error) return rootCause(value);
  return Array.isArray(value) && value.some((item) => item instanceof Error || Array.isArray(item))
    ? value.map(unlocated)
    : value;
};

/**
 * Rejects the value of a selection that delegation has dropped: a module answers every field that it was asked for, with null at least,
 * and so does a join.
 */
const present = (value: unknown, { parentType, fieldName }: GraphQLResolveInfo): unknown => {
  if (value === undefined) throw new Error(`Delegation dropped ${parentType.name}.${fieldName}.`);
  return unlocated(value);
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

/** Before each root field of a mutation, what earlier ones loaded is forgotten. */
const renewing =
  (resolve: Resolver): Resolver =>
  (parent, args, context, info) => {
    context.renew();
    return resolve(parent, args, context, info);
  };

/**
 * Puts every error where the client asked: stitching reports the error of a joined field without its index in the list,
 * and graphql-js keeps whatever path an error brings along. Without one it takes the field's own.
 */
export const relocateErrors = (schema: GraphQLSchema): GraphQLSchema => {
  const mutation = schema.getMutationType()?.name;
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, _name, type) => {
      const resolve = relocating(field.resolve ?? defaultFieldResolver);
      return { ...field, resolve: type === mutation ? renewing(resolve) : resolve };
    },
  });
};
