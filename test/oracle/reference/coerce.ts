import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isSpecifiedScalarType,
} from 'graphql';
import { GatewayError } from '../../../src/core/errors.ts';

type Values = Readonly<Record<string, unknown>>;

/** Internal value of a leaf that a client sent, or another module returned. */
export const parsed = (type: GraphQLLeafType, value: unknown): unknown => {
  if (value === null || value === undefined || isSpecifiedScalarType(type)) return value;
  try {
    return type.parseValue(value);
  } catch {
    throw new GatewayError('UPSTREAM_BAD_RESPONSE', `This is no ${type.name}.`);
  }
};

const inputOf = (type: GraphQLInputType, value: unknown): unknown => {
  if (isNonNullType(type)) return inputOf(type.ofType, value);
  if (value === null || value === undefined) return value;
  if (isListType(type)) return Array.isArray(value) ? value.map((item) => inputOf(type.ofType, item)) : value;
  if (!isInputObjectType(type)) return parsed(type, value);
  const fields = type.getFields();
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, inner]) => {
      const field = fields[name];
      return [name, field === undefined ? inner : inputOf(field.type, inner)];
    }),
  );
};

/** Arguments of a field in the module's internal form. */
export const inputsOf = ({ args }: GraphQLField<unknown, unknown>, given: Values): Record<string, unknown> =>
  Object.fromEntries(
    args.flatMap(({ name, type }) => (Object.hasOwn(given, name) ? [[name, inputOf(type, given[name])] as const] : [])),
  );

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;

const serialized = (type: GraphQLLeafType, value: unknown): unknown => {
  try {
    const made: unknown = type.serialize(value);
    if (made !== null && made !== undefined) return made;
  } catch {
    // An invalid value is an invalid response of a backend.
  }
  return new GatewayError('UPSTREAM_BAD_RESPONSE', `This is no ${type.name}.`);
};

export const cannotBeNull = (): Error => new Error('Cannot return null for a non-nullable field.');

/** Converts a module's value: rows of its objects, and leaves as clients receive them. */
export interface Making {
  readonly row: (value: unknown) => unknown;
  readonly leaf: (type: GraphQLLeafType) => void;
  readonly list: (depth: number, items: readonly unknown[]) => void;
  /** True if null in a non-null place fails that place alone, without propagation. */
  readonly apart: boolean;
}

/** graphql-js drops pending items of a list when one item fails synchronously. */
export const withHandler = (promise: Promise<unknown>): Promise<unknown> => {
  promise.catch(() => undefined);
  return promise;
};

/** Converts a module's value by its own type, so that graphql-js need not convert it. */
export const outputOf = (type: GraphQLOutputType, value: unknown, making: Making, depth = 0): unknown => {
  if (isPromise(value)) return withHandler(Promise.resolve(value).then((late) => outputOf(type, late, making, depth)));
  if (value instanceof Error) return value;
  if (isNonNullType(type)) {
    const made = outputOf(type.ofType, value, making, depth);
    return making.apart && (made === null || made === undefined) ? cannotBeNull() : made;
  }
  if (value === null || value === undefined) return null;
  if (isListType(type)) {
    // graphql-js reports a value that is no list.
    if (!isIterable(value)) return value;
    const items = [...value];
    making.list(depth + 1, items);
    return items.map((item) => outputOf(type.ofType, item, making, depth + 1));
  }
  if (!isLeafType(type)) return making.row(value);
  making.leaf(type);
  return serialized(type, value);
};

/** Resolves with the output when all of it has arrived; rejects if a client would receive null with an error. */
export const settled = async (type: GraphQLOutputType, made: unknown): Promise<unknown> => {
  const value = await made;
  if (value instanceof Error) throw value;
  if (isNonNullType(type)) {
    const present = await settled(type.ofType, value);
    if (present === null || present === undefined) throw cannotBeNull();
    return present;
  }
  if (value === null || value === undefined || !isListType(type)) return value;
  if (!Array.isArray(value)) throw new Error('This is no list.');
  // A failing item is null for a client, unless the item is non-null.
  const failed = (error: unknown) => {
    if (isNonNullType(type.ofType)) throw error;
    return null;
  };
  const items: unknown[] = [];
  // Sequential: of several failing items the first in the list is reported, not the first in time.
  for (const item of value) items.push(await settled(type.ofType, item).catch(failed));
  return items;
};
