import { type GraphQLAbstractType, type GraphQLObjectType, isObjectType } from 'graphql';
import type { Shape } from '../plan/plan.ts';
import { FieldFailure, nullNotAllowed } from './field-failure.ts';
import type { Sink } from './field-sink.ts';
import { isThenable } from './values.ts';

type ShapeOf<Is extends Shape['is']> = Extract<Shape, { readonly is: Is }>;

const coordinateOf = ({ field }: Sink): string => `${field.parent.name}.${field.name}`;

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, Symbol.iterator) === 'function';

/** Ignores rejections of items that are no longer awaited: an unhandled rejection would end the process. */
const ignoreRejections = (item: Shape, items: readonly unknown[]): void => {
  // Object.values skips holes: the length of a sparse array may be in the billions.
  for (const value of Object.values(items)) {
    if (value instanceof Promise) value.catch(() => {});
    else if (item.is === 'list' && Array.isArray(value)) ignoreRejections(item.item, value);
  }
};

const expectItem = (sink: Sink, shape: Shape, list: unknown[], at: number, promise: PromiseLike<unknown>): void => {
  list[at] = null;
  sink.expect(shape, promise, (arrived) => {
    list[at] = arrived;
  });
};

const putItem = (sink: Sink, shape: Shape, list: unknown[], at: number, value: unknown): void => {
  try {
    if (isThenable(value)) expectItem(sink, shape, list, at, value);
    else list[at] = complete(sink, shape, value);
  } catch (error) {
    list[at] = sink.fail(error);
  }
};

const completeList = (sink: Sink, { item }: ShapeOf<'list'>, value: unknown): unknown => {
  if (!isIterable(value))
    return sink.fail(new TypeError(`Expected Iterable, but did not find one for field "${coordinateOf(sink)}".`));
  let items: readonly unknown[];
  try {
    items = Array.isArray(value) ? value : [...value];
  } catch (error) {
    return sink.fail(error);
  }
  try {
    sink.execution.take(items.length);
    const list: unknown[] = new Array(items.length);
    for (let at = 0; at < items.length; at += 1) putItem(sink, item, list, at, items[at]);
    return list;
  } catch (error) {
    ignoreRejections(item, items);
    throw error;
  }
};

/** Returns the object type named by the row's `__typename`. Throws if it is absent or not a possible type. */
const typeOf = (sink: Sink, type: GraphQLAbstractType, value: unknown): GraphQLObjectType => {
  const { schema } = sink.field.module;
  const name: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, '__typename') : undefined;
  const named = typeof name === 'string' ? schema.getType(name) : undefined;
  if (!isObjectType(named) || !schema.isSubType(type, named))
    throw new TypeError(
      `__typename of a value of ${coordinateOf(sink)} is ${String(name)}: return the name of a type of ${type.name}.`,
    );
  return named;
};

const completeAbstract = (sink: Sink, { type, selectionOf }: ShapeOf<'abstract'>, value: unknown): unknown => {
  try {
    const selection = selectionOf(typeOf(sink, type, value));
    const result = sink.createResult(selection, value);
    sink.execution.selections.set(result, selection);
    return result;
  } catch (error) {
    return sink.fail(error);
  }
};

/**
 * Completes a value that is not a promise: returns its value in the response, or a FieldFailure. Throws if reading the value
 * throws.
 */
export const complete = (sink: Sink, shape: Shape, value: unknown): unknown => {
  if (value === null || value === undefined) return shape.nonNull ? sink.fail(nullNotAllowed(sink.field)) : null;
  if (value instanceof Error || value instanceof FieldFailure) return sink.fail(value);
  switch (shape.is) {
    case 'leaf':
      try {
        return shape.serialize(value);
      } catch (error) {
        return sink.fail(error);
      }
    case 'object':
      return sink.createResult(shape.selection, value);
    case 'abstract':
      return completeAbstract(sink, shape, value);
    case 'list':
      return completeList(sink, shape, value);
  }
};
