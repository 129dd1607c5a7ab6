import type { GraphQLFormattedError } from 'graphql';
import type { ErrorCode } from '../../core/errors.ts';

// Apollo reports these as BAD_REQUEST.
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  405: 'METHOD_NOT_ALLOWED',
  413: 'REQUEST_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** Adds the request id to every error, and the code that belongs to the HTTP status. */
export const completeErrors = (
  errors: readonly GraphQLFormattedError[],
  status: number | undefined,
  requestId: string,
): readonly GraphQLFormattedError[] => {
  const code = status === undefined ? undefined : CODE_OF_STATUS[status];
  return errors.map((error) =>
    code === undefined && error.extensions?.requestId === requestId
      ? error
      : { ...error, extensions: { ...error.extensions, ...(code && { code }), requestId } },
  );
};
