import { type GraphQLResolveInfo, isNonNullType } from 'graphql';
import { isLoaded, keyFrom, type Loaded } from '../../backend/define/loaded.ts';
import type { AnyField, SchemaModule } from '../../backend/define/module.ts';
import { isRemote } from '../../backend/remote/remote.ts';
import { isAbsence, noSuchEntity } from '../../execution/run/field-failure.ts';
import { rootCause } from '../apollo/root-cause.ts';
import type { ExecutableResolver } from './executable-resolver.ts';
import { loaderIn, loadSelected, remoteResolver } from './remote-fields.ts';
import { selectingInfo } from './selected-rows.ts';

const isNothing = (value: unknown): boolean => value === null || value === undefined;

const read = (parent: unknown, field: string): unknown => Reflect.get(Object(parent), field);

/** Reads a property as graphql-js does by default: a function is called. */
export const propertyResolver =
  (field: string): ExecutableResolver =>
  (parent, args, context, info) => {
    const value = read(parent, field);
    return typeof value === 'function' ? value.call(parent, args, context, info) : value;
  };

const loadedResolver = (module: SchemaModule, { loader, key, map }: Loaded): ExecutableResolver => {
  const keyOf = keyFrom(key);
  return async (parent, _args, context, info) => {
    const { returnType } = info;
    const requested = keyOf(parent);
    if (isNothing(requested)) return null;
    const value = await loadSelected(module, loaderIn(module, loader, context), requested, 'values', info);
    const result = map === undefined ? value : map(value, parent);
    if (isNothing(value) && isNothing(result) && isNonNullType(returnType)) throw noSuchEntity();
    return result;
  };
};

/** True if null can represent a missing entity. False for mutations, where null would hide that nothing was done. */
const mayBeAbsent = ({ returnType, parentType, schema }: GraphQLResolveInfo): boolean =>
  !isNonNullType(returnType) && parentType !== schema.getMutationType();

/** Turns a backend's "not found" into null if the schema allows it. */
const nullIfAbsent = (error: unknown, info: GraphQLResolveInfo): null => {
  if (isAbsence(error) && mayBeAbsent(info)) return null;
  // The root cause has no path: graphql-js keeps the path of an error that has one, and stitching drops errors with an
  // unknown path.
  throw rootCause(error);
};

const resolverOf = (module: SchemaModule, field: AnyField): ExecutableResolver => {
  if (isLoaded(field)) return loadedResolver(module, field);
  if (isRemote(field)) return remoteResolver(module, field);
  return (parent, args, context, info) =>
    field(parent, args, context.backend(module.name), selectingInfo(module, info));
};

/** The resolver of a module's field, called with the module's own clients and loaders of this request. */
export const executable = (module: SchemaModule, field: AnyField): ExecutableResolver => {
  const resolve = resolverOf(module, field);
  return async (parent, args, context, info) => {
    try {
      const value = await resolve(parent, args, context, info);
      if (value instanceof Error) throw value;
      return value;
    } catch (error) {
      return nullIfAbsent(error, info);
    }
  };
};
