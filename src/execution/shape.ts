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
import type { Shape } from './plan.ts';
import { unfitValue } from './unfit-value.ts';

type IsFit = (value: unknown) => boolean;

/** Values of JavaScript that a standard scalar hands out as they are. */
const AS_IT_IS: Readonly<Record<string, IsFit>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: (value) => typeof value === 'number' && Number.isFinite(value),
};

/** A type's own `serialize`, which throws UPSTREAM_BAD_RESPONSE for a value that does not fit. */
export const serializing = (type: GraphQLLeafType): ((value: unknown) => unknown) => {
  const { name } = type;
  const own = type.serialize.bind(type);
  return (value) => {
    try {
      const serialized: unknown = own(value);
      // As graphql-js has it.
      if (serialized === null || serialized === undefined)
        throw new GraphQLError(`Expected \`${name}.serialize(…)\` to return non-nullable value.`);
      return serialized;
    } catch (error) {
      throw unfitValue(name, error);
    }
  };
};

/** A nullable field of this type. */
export const leafOf = (type: GraphQLLeafType): Shape & { readonly is: 'leaf' } => {
  const isFit = isSpecifiedScalarType(type) ? AS_IT_IS[type.name] : undefined;
  const other = serializing(type);
  const serialize = (value: unknown) => (isFit?.(value) ? value : other(value));
  return { nonNull: false, is: 'leaf', type: type.name, isFit: isFit ?? null, serialize };
};

/** What a module needs of others is what clients would see: it knows nothing else of it. */
export const itself = (value: unknown): unknown => value;

/**
 * What a module's resolvers know a key as that has left another module as the answer of a field of type `from`: `leaf`, the module's
 * own scalar or enum, parses it, items of lists one by one.
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
    throw unfitValue(leaf.name, error);
  }
};

const parseItems = (parse: (item: unknown) => unknown) => (list: unknown) =>
  Array.isArray(list) ? list.map(parse) : list;
