import { propertyOf } from '../backend/property.ts';

/** Whether graphql-js would wait for a value. Throws what looking at it throws. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof propertyOf(value, 'then') === 'function';

/** Hears of a promise, by no `then` of its own: anybody may have written that. */
export const whenSettled = <Result>(
  promise: PromiseLike<unknown>,
  heard: (value: unknown) => Result,
  failed: (error: unknown) => Result,
): Promise<Result> => Promise.prototype.then.call(Promise.resolve(promise), heard, failed) as Promise<Result>; // `call` forgets it
