import type { ErrorCode } from '../../errors.ts';
import { UpstreamError } from '../../errors.ts';
import type { Call } from '../call.ts';

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

/** What each gRPC status is here. */
export const STATUS_CODES: Readonly<Record<FailedStatus, ErrorCode>> = {
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

/** By HTTP/2 error code, from NO_ERROR to INADEQUATE_SECURITY, as gRPC's protocol over HTTP/2 has it. */
const RESET_STATUSES: readonly FailedStatus[] = [
  'INTERNAL', // NO_ERROR
  'INTERNAL', // PROTOCOL_ERROR
  'INTERNAL', // INTERNAL_ERROR
  'INTERNAL', // FLOW_CONTROL_ERROR
  'INTERNAL', // SETTINGS_TIMEOUT
  'UNKNOWN', // STREAM_CLOSED
  'INTERNAL', // FRAME_SIZE_ERROR
  'UNAVAILABLE', // REFUSED_STREAM
  'CANCELLED', // CANCEL
  'INTERNAL', // COMPRESSION_ERROR
  'INTERNAL', // CONNECT_ERROR
  'RESOURCE_EXHAUSTED', // ENHANCE_YOUR_CALM
  'PERMISSION_DENIED', // INADEQUATE_SECURITY
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

/** The failure of a call whose backend answered with this status. */
export const statusError = (
  call: Call,
  status: FailedStatus,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): UpstreamError => {
  const words = readable(message);
  const cause = new GrpcStatusError(status, words, headers);
  return new UpstreamError(STATUS_CODES[status], call, words === '' ? status : `${status}: ${words}`, { cause });
};
