import { type ErrorCode, type GatewayError, PUBLIC_ERRORS, UpstreamError } from '../../core/errors.ts';
import { RejectedError, type Rejection, rejection } from '../listener/rejection.ts';

/** Messages of failed backends. Those of the codes are written for fields. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  TIMEOUT: 'The request timed out.',
  SERVICE_UNAVAILABLE: 'The service is unavailable.',
  UPSTREAM_ERROR: 'The service failed.',
  UPSTREAM_BAD_RESPONSE: 'The service returned an invalid response.',
  UPSTREAM_RESPONSE_TOO_LARGE: 'The service returned a response that is too large.',
  BAD_USER_INPUT: 'The input was rejected.',
  NOT_FOUND: 'Not found.',
  CONFLICT: 'The current state does not allow this.',
};

/** The JSON of a rejected request to a pass-through route. */
export const routeErrorBody = ({ code, message, details }: Rejection, requestId: string): string =>
  JSON.stringify({ code, message: MESSAGES[code] ?? message, ...(details === null ? {} : { details }), requestId });

const waitOf = ({ retryAfterMs }: UpstreamError): Readonly<Record<string, string>> =>
  retryAfterMs === null ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) };

const headersOf = (error: GatewayError): Readonly<Record<string, string>> => {
  if (error instanceof UpstreamError) return waitOf(error);
  const seconds = error.details?.retryAfter;
  return typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {};
};

/**
 * The rejection for a failed call, or for a refusal of the route. The message of an UpstreamError names the backend, so
 * that clients receive that of its code, or of the upstream's `errors`.
 */
export const routeRejection = (error: GatewayError): RejectedError => {
  const isOfBackend = error instanceof UpstreamError;
  const message = isOfBackend ? (error.publicMessage ?? MESSAGES[error.code] ?? '') : error.message;
  const options = { headers: headersOf(error), ...(error.details && { details: error.details }) };
  const usual = rejection(error.code, message, options);
  const isOwn = isOfBackend && error.publicMessage !== null && PUBLIC_ERRORS[error.code].message === null;
  return new RejectedError(isOwn ? { ...usual, message } : usual);
};
