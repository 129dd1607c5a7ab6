import { propertyOf } from '../../core/property.ts';

/** True if a value has a `then` method, as graphql-js tests for promises. Throws if reading the property throws. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof propertyOf(value, 'then') === 'function';

/** Subscribes with `Promise.prototype.then`, ignoring an overridden `then`. */
export const whenSettled = <Result>(
  promise: PromiseLike<unknown>,
  fulfilled: (value: unknown) => Result,
  rejected: (error: unknown) => Result,
): Promise<Result> => Promise.prototype.then.call(Promise.resolve(promise), fulfilled, rejected) as Promise<Result>; // `call` loses the type

/** True if a value is an object without a class, as JSON.parse makes them: safe to read twice and to copy. */
export const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Copies a row with some properties replaced. Class instances keep their prototype; private fields are not copied. */
export const withValues = (row: object, values: object): object => {
  const isOfNoClass: boolean = isPlain(row);
  if (isOfNoClass) return { ...row, ...values };
  const properties = { ...Object.getOwnPropertyDescriptors(row), ...Object.getOwnPropertyDescriptors({ ...values }) };
  return Object.create(Object.getPrototypeOf(row), properties);
};
