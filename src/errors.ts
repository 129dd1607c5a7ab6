/** What a client may learn of a failure with this code. */
interface PublicError {
  /** HTTP status of an answer in which nothing was executed. With `data` it is 200. */
  readonly status: number;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** What the client reads; null where the error's own message is written for the client. */
  readonly message: string | null;
}

/**
 * The closed set of codes, and the one place where a failure becomes something a client sees.
 * docs/errors.md lists exactly these; a test holds the two against each other.
 */
export const PUBLIC_ERRORS = {
  BAD_REQUEST: { status: 400, retryable: false, message: null },
  GRAPHQL_PARSE_FAILED: { status: 400, retryable: false, message: null },
  GRAPHQL_VALIDATION_FAILED: { status: 400, retryable: false, message: null },
  OPERATION_RESOLUTION_FAILURE: { status: 400, retryable: false, message: null },
  BAD_USER_INPUT: { status: 400, retryable: false, message: null },
  UNAUTHENTICATED: { status: 401, retryable: false, message: 'Authentication required.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'Not allowed.' },
  NOT_FOUND: { status: 404, retryable: false, message: null },
  CONFLICT: { status: 409, retryable: false, message: null },
  PERSISTED_QUERY_NOT_FOUND: { status: 200, retryable: true, message: null },
  PERSISTED_QUERY_NOT_SUPPORTED: { status: 200, retryable: false, message: null },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, message: null },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, message: null },
  REQUEST_TOO_LARGE: { status: 413, retryable: false, message: null },
  RATE_LIMITED: { status: 429, retryable: true, message: 'Too many requests. Try again later.' },
  TIMEOUT: { status: 504, retryable: true, message: 'The operation timed out.' },
  SERVICE_UNAVAILABLE: { status: 503, retryable: true, message: 'A service behind this field is unavailable.' },
  UPSTREAM_ERROR: { status: 502, retryable: true, message: 'A service behind this field failed.' },
  UPSTREAM_BAD_RESPONSE: {
    status: 502,
    retryable: false,
    message: 'A service behind this field returned an invalid response.',
  },
  UPSTREAM_RESPONSE_TOO_LARGE: {
    status: 502,
    retryable: false,
    message: 'A service behind this field returned a response that is too large.',
  },
  DEPTH_LIMIT: { status: 400, retryable: false, message: null },
  ALIAS_LIMIT: { status: 400, retryable: false, message: null },
  ROOT_FIELD_LIMIT: { status: 400, retryable: false, message: null },
  DIRECTIVE_LIMIT: { status: 400, retryable: false, message: null },
  COST_LIMIT: { status: 400, retryable: false, message: null },
  OVERLOADED: { status: 503, retryable: true, message: 'The gateway is busy. Try again shortly.' },
  INTERNAL_SERVER_ERROR: { status: 500, retryable: false, message: 'Internal server error' },
} as const satisfies Record<string, PublicError>;

/** Codes that blame the caller, or tell it how to go on: with others a backend's own details stay with the operators. */
export const CALLER_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
]);

/** Every code that the gateway itself may put into `extensions.code`. Modules declare codes of their own beside these. */
export type ErrorCode = keyof typeof PUBLIC_ERRORS;

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(PUBLIC_ERRORS, code);

export interface GatewayErrorOptions extends ErrorOptions {
  /** Shown to the client as `extensions.details`. Never a body, header, token or address of a backend. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** A failure with a code of the closed set. The message is seen by operators, and by clients only where the table says so. */
export class GatewayError extends Error {
  override readonly name: string = 'GatewayError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
  }
}

/** Where a call to a backend went: enough to find it, nothing secret. */
export interface CallSite {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  /** Low-cardinality name of the call: `GET /levels/{sku}`, `shop.v1.Pricing/BatchGet`. */
  readonly route: string;
}

export interface UpstreamErrorOptions extends GatewayErrorOptions {
  /** The HTTP status, or the gRPC status code, that the backend answered. Absent where it did not answer. */
  readonly status?: number | undefined;
  /** When the backend wants to be asked again, in milliseconds from now. Absent where it said nothing. */
  readonly retryAfterMs?: number | null | undefined;
  /** True where the backend said that this call must not be sent again. */
  readonly neverAgain?: boolean | undefined;
}

/** A call to a backend that failed. The message names upstream and route, and stays with the operators. */
export class UpstreamError extends GatewayError {
  override readonly name = 'UpstreamError';
  readonly upstream: string;
  readonly route: string;
  readonly reason: string;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly neverAgain: boolean;

  constructor(code: ErrorCode, at: CallSite, reason: string, options: UpstreamErrorOptions = {}) {
    super(code, `${at.upstream}: ${at.route}: ${reason} (${code})`, options);
    this.upstream = at.upstream;
    this.route = at.route;
    this.reason = reason;
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.neverAgain = options.neverAgain ?? false;
  }
}

/** A failure that a schema module declared as part of its contract, with a code of its own. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, details?: Readonly<Record<string, unknown>>) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** The client left before its answer was ready. Nobody reads this; it only tells what was cancelled, and why. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** Mistakes of whoever wrote a module or a setting, all of them at once, each with file and remedy. */
export class MistakesError extends Error {
  override readonly name = 'MistakesError';
  readonly mistakes: readonly string[];

  constructor(heading: string, mistakes: readonly string[]) {
    super(`${heading}\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.mistakes = mistakes;
  }
}
