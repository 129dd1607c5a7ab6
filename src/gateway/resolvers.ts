import { type GraphQLFieldResolver, type GraphQLResolveInfo, isNonNullType } from 'graphql';
import { isLoaded, keyFrom, type Loaded } from '../backend/loaded.ts';
import type { AnyField, AnyResolver } from '../backend/module.ts';
import { isAbsence, noSuchEntity } from '../execution/failure.ts';
import type { ExecutionContext } from './execution-context.ts';
import { rootCause } from './root-cause.ts';

/** A resolver as graphql-js calls it: with the execution's context, not the module's own. */
export type ExecutableResolver = GraphQLFieldResolver<unknown, ExecutionContext>;

const isNothing = (value: unknown): boolean => value === null || value === undefined;

const read = (parent: unknown, field: string): unknown => Reflect.get(Object(parent), field);

/** Reads a property as graphql-js does by default: a function is called. */
export const propertyResolver =
  (field: string): ExecutableResolver =>
  (parent, args, context, info) => {
    const value = read(parent, field);
    return typeof value === 'function' ? value.call(parent, args, context, info) : value;
  };

const loadedResolver = ({ loader, key, map }: Loaded): AnyResolver => {
  const keyOf = keyFrom(key);
  return async (parent, _args, { loaders }, { returnType }) => {
    const wanted = keyOf(parent);
    if (isNothing(wanted)) return null;
    const value = await loaders[loader]?.load(wanted);
    const result = map === undefined ? value : map(value, parent);
    if (isNothing(value) && isNothing(result) && isNonNullType(returnType)) throw noSuchEntity();
    return result;
  };
};

/** Whether null can say that there is no such thing. Of a mutation it would say nothing: what was to be done was not done. */
const mayBeAbsent = ({ returnType, parentType, schema }: GraphQLResolveInfo): boolean =>
  !isNonNullType(returnType) && parentType !== schema.getMutationType();

/** A backend's "there is no such thing" is null, wherever the schema allows null to say so. */
const nullIfAbsent = (error: unknown, info: GraphQLResolveInfo): null => {
  if (isAbsence(error) && mayBeAbsent(info)) return null;
  // Not as it is: graphql-js keeps a path that an error brings along, and stitching drops errors whose path it cannot place.
  throw rootCause(error);
};

/** A module's field, wired to what belongs to the request: the module sees its own clients and loaders, and nothing else. */
export const executable = (module: string, field: AnyField): ExecutableResolver => {
  const resolve = isLoaded(field) ? loadedResolver(field) : field;
  return async (parent, args, context, info) => {
    try {
      const value = await resolve(parent, args, context.backend(module), info);
      if (value instanceof Error) throw value;
      return value;
    } catch (error) {
      return nullIfAbsent(error, info);
    }
  };
};
