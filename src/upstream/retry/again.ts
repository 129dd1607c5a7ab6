import { UpstreamError } from '../../errors.ts';
import type { Call } from '../call.ts';
import { neverProcessed } from '../classify.ts';
import { GrpcStatusError } from '../grpc/status.ts';
import { NoEndpointError } from '../not-processed.ts';
import type { RetrySettings } from '../traffic.ts';

type Statuses = ReadonlySet<number | string>;

const DEFAULT_STATUSES = [429, 502, 503, 504, 'UNAVAILABLE', 'RESOURCE_EXHAUSTED'];

/** The statuses that a read is tried again for: HTTP's as numbers, gRPC's by name. */
export const retriedStatuses = ({ statuses = DEFAULT_STATUSES }: Pick<RetrySettings, 'statuses'>): Statuses =>
  new Set(statuses);

/** The status that the backend answered, as `RetryOptions.statuses` has it; null where it did not answer. */
const statusOf = (error: UpstreamError): number | string | null =>
  error.cause instanceof GrpcStatusError ? error.cause.status : error.status;

/** Whether a backend that did not get to answer may well do so another time. */
const isPassing = (error: UpstreamError): boolean => {
  switch (error.code) {
    case 'TIMEOUT':
    case 'UPSTREAM_ERROR':
    case 'UPSTREAM_BAD_RESPONSE':
    case 'SERVICE_UNAVAILABLE':
      return true;
    default:
      return false;
  }
};

/**
 * Whether another attempt of this call is harmless and may do better than the one that failed with this error.
 *
 * Whatever never reached a backend may be sent again; beyond that only what is idempotent, and of that only what ran into a
 * time limit, lost its connection, was answered with something that cannot be read, or with one of these statuses.
 */
export const worthAnother = (call: Call, error: unknown, statuses: Statuses): error is UpstreamError => {
  if (!(error instanceof UpstreamError) || error.neverAgain) return false;
  // Nobody is there who would take it: that is known without asking again.
  if (error.cause instanceof NoEndpointError) return false;
  if (neverProcessed(error)) return true;
  if (!call.idempotent) return false;
  const status = statusOf(error);
  // The server was told the attempt's time limit, and may be the one that keeps it.
  return status === null || status === 'DEADLINE_EXCEEDED' ? isPassing(error) : statuses.has(status);
};
