import { propertyOf } from '../backend/property.ts';

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
