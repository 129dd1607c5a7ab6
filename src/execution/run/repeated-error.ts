import { GraphQLError } from 'graphql';

/**
 * Repeats an error at another path, for the rows that one failure of a backend affects. The copy has its own path and
 * extensions, which may be changed, and inherits the rest.
 */
// perf: P12
export const repeatedAt = (first: GraphQLError, path: GraphQLError['path']): GraphQLError =>
  Object.create(first, {
    path: { value: path, enumerable: true, writable: true, configurable: true },
    extensions: { value: { ...first.extensions }, enumerable: true, writable: true, configurable: true },
  });

/** Returns the error that this one repeats, or the error itself. */
export const firstOf = (error: GraphQLError): GraphQLError => {
  const first: unknown = Object.getPrototypeOf(error);
  return first instanceof GraphQLError ? first : error;
};
