import type { GraphQLFormattedError } from 'graphql';
import type { RequestRecord } from '../../telemetry/request-trace.ts';

/** The HTTP status of a result. Statuses that forbid a body or redirect the client are invalid for a GraphQL response. */
export const validStatus = (status: number | undefined): number =>
  status !== undefined && Number.isInteger(status) && status >= 400 && status <= 599 ? status : 200;

/** Records the error codes of a result that was rejected before execution, unless codes are already recorded. */
export const noteRefusal = (
  record: RequestRecord,
  status: number,
  errors: readonly GraphQLFormattedError[] = [],
): void => {
  if (status < 400 || record.errorCodes.length > 0) return;
  for (const { extensions } of errors) record.failed(String(extensions?.code ?? 'INTERNAL_SERVER_ERROR'));
};
