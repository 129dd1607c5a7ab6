import { GraphQLError } from 'graphql';

/**
 * The error that was thrown first. Every execution on the way up wraps it once more, with a path that was right in its
 * own document; only the place where the outermost one meets it is right for the client.
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
