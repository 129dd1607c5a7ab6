import { type GraphQLResolveInfo, isNonNullType } from 'graphql';
import { isLoaded, type Loaded } from '../../../src/backend/define/loaded.ts';
import type { AnyResolver } from '../../../src/backend/define/module.ts';
import { GatewayError, UpstreamError } from '../../../src/core/errors.ts';
import type { Provider } from './providers.ts';
import type { Loaders, Request } from './request.ts';

export const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

/** The error of a non-null field of an entity that its loader does not find. */
export const noSuchEntity = (): Error => new GatewayError('NOT_FOUND', 'Not found.');

/** Reads a property; undefined if the parent is not an object. */
export const read = (parent: unknown, field: string): unknown =>
  typeof parent === 'object' && parent !== null ? Reflect.get(parent, field) : undefined;

const keyFor = (source: unknown, parent: unknown): unknown => {
  const part = (field: unknown): unknown => Reflect.get(Object(parent), String(field));
  if (typeof source === 'function') return source(parent);
  if (!Array.isArray(source)) return part(source);
  const parts = source.map(part);
  return parts.some(isNothing) ? null : Object.fromEntries(source.map((field, at) => [field, parts[at]]));
};

const load = async (
  { loader, key: source, map }: Loaded,
  parent: unknown,
  loaders: Loaders,
  isNonNull: boolean,
): Promise<unknown> => {
  const key = keyFor(source, parent);
  if (isNothing(key)) return null;
  const value = await loaders[loader]?.load(key);
  const result = map === undefined ? value : map(value, parent);
  if (isNothing(value) && isNothing(result) && isNonNull) throw noSuchEntity();
  return result;
};

/** Resolves a field in its module, with the module's own values. */
export const resolve = async (
  { module, field }: Pick<Provider, 'module' | 'field'>,
  parent: unknown,
  args: Record<string, unknown>,
  request: Request,
  info: GraphQLResolveInfo,
): Promise<unknown> => {
  const { name: type } = info.parentType;
  const context = { loaders: request.loaders(module.name), principal: request.principal } as never;
  const given: unknown = read(module.resolvers[type], field.name);
  if (!isLoaded(given) && typeof given !== 'function') {
    const value = read(parent, field.name);
    return typeof value === 'function' ? value.call(parent, args, context, info) : value;
  }
  try {
    const value = isLoaded(given)
      ? await load(given, parent, request.loaders(module.name), isNonNullType(field.type))
      : await (given as AnyResolver)(parent, args, context, info);
    if (value instanceof Error) throw value;
    return value;
  } catch (error) {
    const mayBeAbsent = !isNonNullType(field.type) && type !== 'Mutation';
    if (mayBeAbsent && error instanceof UpstreamError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
};
