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

type Values = Readonly<Record<string, unknown>>;

/** What a module's resolvers know a leaf's value as that a client sent, or another module answered with. */
export const parsed = (type: GraphQLLeafType, value: unknown): unknown =>
  value === null || value === undefined || isSpecifiedScalarType(type) ? value : type.parseValue(value);

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

/** A field's arguments as its module takes them. */
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
    return type.serialize(value) ?? new Error(`${type.name} has nothing to say.`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
};

export const cannotBeNull = (): Error => new Error('Cannot return null for a non-nullable field.');

/** What is made of a module's value: rows of its objects, and leaves as clients get them. */
export interface Making {
  readonly row: (value: unknown) => unknown;
  readonly leaf: (type: GraphQLLeafType) => void;
  readonly list: (depth: number, items: readonly unknown[]) => void;
  /** Whether what must not be null fails by itself alone, instead of taking along what it is in. */
  readonly apart: boolean;
}

/** graphql-js forgets what else is under way in a list where one item fails at once. */
const heard = (promise: Promise<unknown>): Promise<unknown> => {
  promise.catch(() => undefined);
  return promise;
};

/** A module's value by its own type, such that graphql-js need only put it in its place. */
export const outputOf = (type: GraphQLOutputType, value: unknown, making: Making, depth = 0): unknown => {
  if (isPromise(value)) return heard(Promise.resolve(value).then((late) => outputOf(type, late, making, depth)));
  if (value instanceof Error) return value;
  if (isNonNullType(type)) {
    const made = outputOf(type.ofType, value, making, depth);
    return making.apart && (made === null || made === undefined) ? cannotBeNull() : made;
  }
  if (value === null || value === undefined) return null;
  if (isListType(type)) {
    // What is no list is left to graphql-js, which says so.
    if (!isIterable(value)) return value;
    const items = [...value];
    making.list(depth + 1, items);
    return items.map((item) => outputOf(type.ofType, item, making, depth + 1));
  }
  if (!isLeafType(type)) return making.row(value);
  making.leaf(type);
  return serialized(type, value);
};

/** What `outputOf` made, when all of it has arrived; rejects where a client would get null for it, with an error. */
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
  // An item that fails is null for a client, unless it must not be.
  const failed = (error: unknown) => {
    if (isNonNullType(type.ofType)) throw error;
    return null;
  };
  const items: unknown[] = [];
  // One after the other: of several that fail the first in the list is told, and not the first in time.
  for (const item of value) items.push(await settled(type.ofType, item).catch(failed));
  return items;
};
