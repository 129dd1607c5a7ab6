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

type IsFit = (value: unknown) => boolean;

/** Values of JavaScript that a standard scalar hands out as they are. */
const AS_IT_IS: Readonly<Record<string, IsFit>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: (value) => typeof value === 'number' && Number.isFinite(value),
};

/** What clients get of a value of a scalar or enum. Throws for what the type cannot be. */
const serializer = (type: GraphQLLeafType, isFit: IsFit | undefined) => (value: unknown) => {
  if (isFit?.(value)) return value;
  const serialized: unknown = type.serialize(value);
  // As graphql-js has it.
  if (serialized === null || serialized === undefined)
    throw new GraphQLError(`Expected \`${type}.serialize(…)\` to return non-nullable value.`);
  return serialized;
};

/** A nullable field of this type. */
export const leafOf = (type: GraphQLLeafType): Shape & { readonly is: 'leaf' } => {
  const isFit = isSpecifiedScalarType(type) ? AS_IT_IS[type.name] : undefined;
  return { nonNull: false, is: 'leaf', type: type.name, isFit: isFit ?? null, serialize: serializer(type, isFit) };
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
  const parse = isListType(type) ? parseItems(parser(type.ofType, leaf)) : (value: unknown) => leaf.parseValue(value);
  return (value) => (value === null || value === undefined ? null : parse(value));
};

const parseItems = (parse: (item: unknown) => unknown) => (list: unknown) =>
  Array.isArray(list) ? list.map(parse) : list;
