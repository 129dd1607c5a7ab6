import {
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNullableType,
  isLeafType,
  isListType,
  isSpecifiedScalarType,
} from 'graphql';
import { invalidValue } from '../invalid-value.ts';
import type { Shape } from './plan.ts';

type Predicate = (value: unknown) => boolean;

/** Tests whether a built-in scalar returns a JavaScript value unchanged. */
const UNCHANGED: Readonly<Record<string, Predicate>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: (value) => typeof value === 'number' && Number.isFinite(value),
};

/** Returns the type's `serialize`, throwing UPSTREAM_BAD_RESPONSE for an invalid value. */
export const serializing = (type: GraphQLLeafType): ((value: unknown) => unknown) => {
  const { name } = type;
  const own = type.serialize.bind(type);
  return (value) => {
    try {
      const serialized: unknown = own(value);
      // Same check and message as in graphql-js.
      if (serialized === null || serialized === undefined)
        throw new GraphQLError(`Expected \`${name}.serialize(…)\` to return non-nullable value.`);
      return serialized;
    } catch (error) {
      throw invalidValue(name, error);
    }
  };
};

/** The shape of a nullable leaf field. */
export const leafOf = (type: GraphQLLeafType): Shape & { readonly is: 'leaf' } => {
  const isUnchanged = isSpecifiedScalarType(type) ? UNCHANGED[type.name] : undefined;
  const other = serializing(type);
  const serialize = (value: unknown) => (isUnchanged?.(value) ? value : other(value));
  return { nonNull: false, is: 'leaf', type: type.name, isUnchanged: isUnchanged ?? null, serialize };
};

/**
 * Returns the value unchanged. Fields in `needs` are passed as clients see them, because the module that needs them does
 * not declare their types.
 */
export const itself = (value: unknown): unknown => value;

/**
 * Returns a function that converts a key from its value in the response to an internal value of the module that receives
 * it. `from` is the field's type in the module that provides it, `leaf` the scalar or enum in the module that receives
 * it. Items of lists are converted one by one.
 */
export const parser = (from: GraphQLOutputType, leaf: GraphQLNamedType): ((value: unknown) => unknown) => {
  if (!isLeafType(leaf) || isSpecifiedScalarType(leaf)) return itself;
  const type = getNullableType(from);
  const parse = isListType(type) ? parseItems(parser(type.ofType, leaf)) : (value: unknown) => parseKey(leaf, value);
  return (value) => (value === null || value === undefined ? null : parse(value));
};

const parseKey = (leaf: GraphQLLeafType, value: unknown): unknown => {
  try {
    return leaf.parseValue(value);
  } catch (error) {
    throw invalidValue(leaf.name, error);
  }
};

const parseItems = (parse: (item: unknown) => unknown) => (list: unknown) =>
  Array.isArray(list) ? list.map(parse) : list;
