import { wallTime } from '../../core/clock.ts';
import { CALLER_CODES, type ErrorCode, type ErrorResponse, UpstreamError } from '../../core/errors.ts';
import type { Call } from '../call.ts';
import type { ErrorOutcome, MappedError } from '../error-response/map-error-response.ts';
import { rateLimitWaitMs } from '../error-response/rate-limit-wait.ts';
import { pushback } from './pushback.ts';
import { type RpcDetail, rpcDetails } from './rpc-details.ts';
import { type StatusDetails, statusDetails } from './status-details.ts';

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

/** Error code for each status other than OK. */
export type StatusCodes = Readonly<Record<FailedStatus, ErrorCode>>;

/** Default error code for each status; an upstream may override some. */
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

/** Parses a `grpc-status` header; UNKNOWN for anything except the seventeen numbers. */
export const parseStatus = (header: string): StatusName =>
  (/^\d{1,2}$/.test(header) ? STATUS_NAMES[Number(header)] : undefined) ?? 'UNKNOWN';

/**
 * Maps the HTTP status of an answer without a gRPC status:
 * https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
 */
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
 * Statuses by HTTP/2 error code, from NO_ERROR to HTTP_1_1_REQUIRED, from gRPC's protocol over HTTP/2. The protocol
 * leaves STREAM_CLOSED and HTTP_1_1_REQUIRED open; they follow gRPC's own clients.
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

/** Maps the HTTP/2 error code of a stream that the server reset. */
export const statusOfReset = (code: number): FailedStatus => RESET_STATUSES[code] ?? 'UNKNOWN';

/** A status other than OK from a backend. Always the `cause` of an `UpstreamError`, never sent to clients. */
export class GrpcStatusError extends Error {
  override readonly name = 'GrpcStatusError';
  readonly status: FailedStatus;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(status: FailedStatus, message: string, headers: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.#headers = headers;
  }

  /** Headers and trailers, names in lower case. Not part of logs. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }
}

const MAX_MESSAGE_LENGTH = 200;

/** Makes a server's message safe to log: one line, without control characters, at most 200 characters. */
export const readable = (message: string): string =>
  message
    .slice(0, 4 * MAX_MESSAGE_LENGTH)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .trim()
    .slice(0, MAX_MESSAGE_LENGTH);

/** The body of a gRPC response. */
export interface GrpcErrorBody {
  /** `grpc-message`, decoded. */
  readonly message: string;
  /** Details of `grpc-status-details-bin` with known types, in their order; at most 16. */
  readonly details: readonly RpcDetail[];
}

/** An error response of a gRPC backend, as input of `errors`. */
export interface GrpcErrorResponse extends ErrorResponse {
  readonly status: FailedStatus;
  readonly body: GrpcErrorBody;
  /** `inventory.v1.Inventory/Reserve` */
  readonly route: string;
  /** The code that the error has without `errors`. */
  readonly code: ErrorCode;
}

/** Details for clients. Those of the module replace those of the status. */
const publicDetails = (
  code: ErrorCode,
  { problem, violations }: StatusDetails,
  mapped: MappedError['details'],
  retryAfterMs: number | null,
): MappedError['details'] => {
  const usual = { ...(problem !== undefined && { problem }), ...(violations !== undefined && { violations }) };
  const details = {
    ...(code === 'RATE_LIMITED' && retryAfterMs !== null && { retryAfter: Math.ceil(retryAfterMs / 1_000) }),
    ...(mapped ?? (CALLER_CODES.has(code) ? usual : {})),
  };
  return Object.keys(details).length === 0 ? undefined : details;
};

/**
 * The error of a call with this status from the backend, or mapped from its HTTP answer. The wait before another attempt
 * is that of the pushback for this call, then RetryInfo's, then for RATE_LIMITED that of rate limit headers.
 */
export const statusError = (
  call: Call,
  status: FailedStatus,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  codes: StatusCodes = STATUS_CODES,
  map: (response: GrpcErrorResponse) => ErrorOutcome = () => ({}),
): UpstreamError => {
  const words = readable(message);
  const details = rpcDetails(headers['grpc-status-details-bin']);
  const response = { status, headers, body: { message, details } };
  const mapped = map({ ...response, route: call.route, code: codes[status] });
  const code = mapped.code ?? codes[status];
  const read = statusDetails(details);
  const { retryAfterMs: pushedBackMs, noRetry } = pushback(headers['grpc-retry-pushback-ms'], read.retryDelayMs);
  const retryAfterMs = pushedBackMs ?? (code === 'RATE_LIMITED' ? rateLimitWaitMs(headers, wallTime()) : null);
  return new UpstreamError(code, call, words === '' ? status : `${status}: ${words}`, {
    cause: new GrpcStatusError(status, words, headers),
    status: STATUS_NAMES.indexOf(status),
    details: publicDetails(code, read, mapped.details, retryAfterMs),
    retryAfterMs,
    noRetry,
    response,
    publicMessage: mapped.message,
    isMapped: code !== codes[status],
    failure: mapped.failure,
  });
};
