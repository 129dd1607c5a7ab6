import { type ErrorCode, GatewayError, PUBLIC_ERRORS } from '../../core/errors.ts';

/** A response sent instead of executing the request. */
export interface Rejection {
  readonly code: ErrorCode;
  readonly status: number;
  /** Message for the client. */
  readonly message: string;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the client as `extensions.details`; null for none. */
  readonly details: Readonly<Record<string, unknown>> | null;
}

/** Statuses of HTTP without a code of their own. docs/errors.md lists them with the code that they come with. */
type StatusWithoutCode = 406 | 408 | 414 | 417 | 421 | 431 | 501 | 505;

interface RejectionOptions {
  /** HTTP status. Default: the status of the code. */
  readonly status?: StatusWithoutCode;
  readonly headers?: Readonly<Record<string, string>>;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Creates a rejection. The public message of the code, if it has one, replaces `message`. */
export const rejection = (code: ErrorCode, message: string, options: RejectionOptions = {}): Rejection => ({
  code,
  status: options.status ?? PUBLIC_ERRORS[code].status,
  message: PUBLIC_ERRORS[code].message ?? message,
  headers: options.headers ?? {},
  details: options.details ?? null,
});

/** Ends the handling of a request with this rejection. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  readonly rejection: Rejection;

  constructor(rejected: Rejection) {
    super(rejected.message);
    this.rejection = rejected;
  }
}

export const badRequest = (message: string): RejectedError => new RejectedError(rejection('BAD_REQUEST', message));

export const tooLarge = (maxBodyBytes: number): Rejection =>
  rejection('REQUEST_TOO_LARGE', `The body is larger than ${maxBodyBytes} bytes.`);

/** Returns the JSON of a rejection, in the shape of any GraphQL error. */
export const rejectionBody = ({ code, message, details }: Rejection, requestId: string): string =>
  JSON.stringify({
    errors: [{ message, extensions: { code, ...(details === null ? {} : { details }), requestId } }],
  });

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;

/**
 * Converts an error thrown during the handling of a request into the rejection for the client. An unknown error becomes
 * 500.
 */
export const rejectionOf = (error: unknown, maxBodyBytes: number): Rejection => {
  if (error instanceof RejectedError) return error.rejection;
  if (error instanceof GatewayError) return rejection(error.code, error.message);
  if (codeOf(error) === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(maxBodyBytes);
  if (codeOf(error) === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return rejection('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.');
  }
  const status = statusOf(error);
  if (status >= 400 && status < 500) return rejection('BAD_REQUEST', 'The request could not be read.');
  return rejection('INTERNAL_SERVER_ERROR', '');
};
