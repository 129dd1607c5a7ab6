import type { ErrorCode, UpstreamErrorOptions } from '../../errors.ts';
import { CALLER_CODES, UpstreamError } from '../../errors.ts';
import type { Call } from '../call.ts';
import { statusDetails } from './details.ts';
import { pushback } from './pushback.ts';

const STATUS_NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type StatusName = (typeof STATUS_NAMES)[number];
export type FailedStatus = Exclude<StatusName, 'OK'>;

/** What each failed status is to whoever called. */
export type StatusCodes = Readonly<Record<FailedStatus, ErrorCode>>;

/** What each gRPC status is here, unless an upstream says otherwise. */
export const STATUS_CODES: StatusCodes = {
  CANCELLED: 'UPSTREAM_ERROR',
  UNKNOWN: 'UPSTREAM_ERROR',
  INVALID_ARGUMENT: 'BAD_USER_INPUT',
  DEADLINE_EXCEEDED: 'TIMEOUT',
  NOT_FOUND: 'NOT_FOUND',
  ALREADY_EXISTS: 'CONFLICT',
  PERMISSION_DENIED: 'FORBIDDEN',
  RESOURCE_EXHAUSTED: 'RATE_LIMITED',
  FAILED_PRECONDITION: 'CONFLICT',
  ABORTED: 'CONFLICT',
  OUT_OF_RANGE: 'BAD_USER_INPUT',
  UNIMPLEMENTED: 'UPSTREAM_ERROR',
  INTERNAL: 'UPSTREAM_ERROR',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  DATA_LOSS: 'UPSTREAM_ERROR',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
};

/** The status that a `grpc-status` header says; UNKNOWN for anything that is not one of the seventeen numbers. */
export const parseStatus = (header: string): StatusName =>
  (/^\d{1,2}$/.test(header) ? STATUS_NAMES[Number(header)] : undefined) ?? 'UNKNOWN';

/** The status that stands for an HTTP answer without one: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
export const statusOfHttp = (status: number): FailedStatus => {
  switch (status) {
    case 400:
      return 'INTERNAL';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'UNIMPLEMENTED';
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE';
    default:
      return 'UNKNOWN';
  }
};

/**
 * By HTTP/2 error code, from NO_ERROR to HTTP_1_1_REQUIRED, as gRPC's protocol over HTTP/2 has it; where that says nothing
 * (STREAM_CLOSED, HTTP_1_1_REQUIRED), as gRPC's own clients have it.
 */
const RESET_STATUSES: readonly FailedStatus[] = [
  'INTERNAL', // NO_ERROR
  'INTERNAL', // PROTOCOL_ERROR
  'INTERNAL', // INTERNAL_ERROR
  'INTERNAL', // FLOW_CONTROL_ERROR
  'INTERNAL', // SETTINGS_TIMEOUT
  'INTERNAL', // STREAM_CLOSED
  'INTERNAL', // FRAME_SIZE_ERROR
  'UNAVAILABLE', // REFUSED_STREAM
  'CANCELLED', // CANCEL
  'INTERNAL', // COMPRESSION_ERROR
  'INTERNAL', // CONNECT_ERROR
  'RESOURCE_EXHAUSTED', // ENHANCE_YOUR_CALM
  'PERMISSION_DENIED', // INADEQUATE_SECURITY
  'INTERNAL', // HTTP_1_1_REQUIRED
];

/** The status that stands for a stream that the server reset with this HTTP/2 error code. */
export const statusOfReset = (code: number): FailedStatus => RESET_STATUSES[code] ?? 'UNKNOWN';

/** A backend answered with a status other than OK. Always the `cause` of an `UpstreamError`; nothing of it is for clients. */
export class GrpcStatusError extends Error {
  override readonly name = 'GrpcStatusError';
  readonly status: FailedStatus;
  /** Headers and trailers, names in lower case: `grpc-status-details-bin`, `grpc-retry-pushback-ms`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: FailedStatus, message: string, headers: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const LONGEST_MESSAGE = 200;

/** A server's own words, safe to log: one line, without control characters, at most 200 characters. */
export const readable = (message: string): string =>
  message
    .slice(0, 4 * LONGEST_MESSAGE)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_MESSAGE);

/** What else the server said. Its word on another attempt of this very call comes before what it tells everybody. */
const said = (code: ErrorCode, headers: Readonly<Record<string, string>>): UpstreamErrorOptions => {
  const { violations, problem, retryDelayMs } = statusDetails(headers['grpc-status-details-bin']);
  const { retryAfterMs, neverAgain } = pushback(headers['grpc-retry-pushback-ms'], retryDelayMs);
  const details = {
    ...(problem !== undefined && { problem }),
    ...(violations !== undefined && { violations }),
    ...(code === 'RATE_LIMITED' && retryAfterMs !== null && { retryAfter: Math.ceil(retryAfterMs / 1_000) }),
  };
  const isTold = CALLER_CODES.has(code) && Object.keys(details).length > 0;
  return { retryAfterMs, neverAgain, ...(isTold && { details }) };
};

/** The failure of a call whose backend answered with this status, or with what this status stands for. */
export const statusError = (
  call: Call,
  status: FailedStatus,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  codes: StatusCodes = STATUS_CODES,
): UpstreamError => {
  const words = readable(message);
  const code = codes[status];
  return new UpstreamError(code, call, words === '' ? status : `${status}: ${words}`, {
    cause: new GrpcStatusError(status, words, headers),
    status: STATUS_NAMES.indexOf(status),
    ...said(code, headers),
  });
};
