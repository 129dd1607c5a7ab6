import { GraphQLError } from 'graphql';

/**
 * Returns the error that was thrown first. Every nested execution wraps it again, with a path of its own document. Only
 * the path of the outermost execution is right for the client.
 */
export const rootCause = (error: unknown): Error => {
  let cause = error;
  for (;;) {
    if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
    else if (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
    else break;
  }
  if (cause instanceof GraphQLError && (cause.path !== undefined || cause.nodes !== undefined))
    return new GraphQLError(cause.message, { extensions: cause.extensions });
  return cause instanceof Error ? cause : new Error(String(cause));
};
