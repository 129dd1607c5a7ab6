import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../../core/errors.ts';

/** Adds the request id to every error, and the code METHOD_NOT_ALLOWED if the HTTP status is 405. */
export const completeErrors = (
  errors: readonly GraphQLFormattedError[],
  status: number | undefined,
  requestId: string,
): readonly GraphQLFormattedError[] => {
  // Apollo rejects a mutation by GET with 405 and the code BAD_REQUEST.
  const code: ErrorCode | null = status === 405 ? 'METHOD_NOT_ALLOWED' : null;
  return errors.map((error) =>
    code === null && error.extensions?.requestId === requestId
      ? error
      : { ...error, extensions: { ...error.extensions, ...(code && { code }), requestId } },
  );
};
