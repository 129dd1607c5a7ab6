import { GraphQLError } from 'graphql';

/**
 * The same error at another place. A backend that is down fails every row that needed it, and to make an error anew costs as much as to
 * read ten rows: this one has path and extensions of its own, which whoever gets it may change, and all else of the first.
 */
export const repeatedAt = (first: GraphQLError, path: GraphQLError['path']): GraphQLError =>
  Object.create(first, {
    path: { value: path, enumerable: true, writable: true, configurable: true },
    extensions: { value: { ...first.extensions }, enumerable: true, writable: true, configurable: true },
  });

/** The error that this one repeats, or this one. */
export const firstOf = (error: GraphQLError): GraphQLError => {
  const first: unknown = Object.getPrototypeOf(error);
  return first instanceof GraphQLError ? first : error;
};
