import { CALLER_CODES, type ErrorCode, UpstreamError } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import { NoEndpointError } from '../errors.ts';
import { GrpcStatusError } from '../grpc/status.ts';
import { neverProcessed } from '../outcome.ts';
import { BodyStream } from '../stream/body-stream.ts';

type Statuses = ReadonlySet<number | string>;

/** Returns the backend's status in the form of `RetryOptions.statuses`; null without an answer. */
const statusOf = (error: UpstreamError): number | string | null =>
  error.cause instanceof GrpcStatusError ? error.cause.status : error.status;

/** True for an error of this kind that may be temporary. */
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

/** Returns the decision for a code of the upstream's `errors`; null if the status decides. */
const byCode = (code: ErrorCode): boolean | null => {
  if (code === 'RATE_LIMITED' || code === 'SERVICE_UNAVAILABLE' || code === 'TIMEOUT') return true;
  return CALLER_CODES.has(code) ? false : null;
};

/** True for a body that can be read once, and has been. */
export const isBodyConsumed = ({ message }: Call): boolean =>
  message.protocol === 'rest'
    ? message.body instanceof BodyStream && message.body.isBegun
    : message.outgoing?.isTaken === true;

/**
 * Returns true if another attempt of this call is safe and may succeed.
 *
 * A call that never reached a backend may be sent again. Otherwise only idempotent calls are retried: after a timeout,
 * a lost connection, an invalid answer, or one of `statuses`. A code that the upstream's `errors` changed decides before
 * the status. A body that is a stream, or a stream of gRPC messages, cannot be sent again once it has begun.
 */
export const isRetryable = (call: Call, error: unknown, statuses: Statuses): error is UpstreamError => {
  if (!(error instanceof UpstreamError) || error.noRetry) return false;
  // No endpoint accepts the call, and another attempt would find none either.
  if (error.cause instanceof NoEndpointError) return false;
  if (isBodyConsumed(call)) return false;
  if (neverProcessed(error)) return true;
  if (!call.idempotent) return false;
  const mapped = error.isMapped ? byCode(error.code) : null;
  if (mapped !== null) return mapped;
  const status = statusOf(error);
  // The server received the attempt's timeout and may enforce it before the client does.
  return status === null || status === 'DEADLINE_EXCEEDED' ? isPassing(error) : statuses.has(status);
};
