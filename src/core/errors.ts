/** Public part of an error with this code. */
interface PublicError {
  /** HTTP status of a response without `data`. With `data` it is 200. */
  readonly status: number;
  /** True if the unchanged request may succeed later. */
  readonly retryable: boolean;
  /** Message for the client; null exposes the message of the error, which is then written for the client. */
  readonly message: string | null;
}

/** The closed set of codes, with what clients receive for each. A test compares it with docs/errors.md. */
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
  DOCUMENT_NOT_TRUSTED: { status: 403, retryable: false, message: null },
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
  ERROR_LIMIT: { status: 200, retryable: false, message: null },
  OVERLOADED: { status: 503, retryable: true, message: 'The gateway is busy. Try again shortly.' },
  INTERNAL_SERVER_ERROR: { status: 500, retryable: false, message: 'Internal server error' },
} as const satisfies Record<string, PublicError>;

/** Codes of errors that the client causes or can handle. With other codes, details of a backend are not exposed. */
export const CALLER_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
]);

/** Codes that the gateway puts into `extensions.code`. Modules may declare further codes. */
export type ErrorCode = keyof typeof PUBLIC_ERRORS;

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(PUBLIC_ERRORS, code);

export interface GatewayErrorOptions extends ErrorOptions {
  /** Sent to the client as `extensions.details`. Never a body, header, token or address of a backend. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A failure with a code of the closed set. Operators see the message; clients only if the code has no public message.
 */
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

/** Target of a call to a backend, without secrets. */
export interface CallSite {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  /** Low-cardinality name of the call: `GET /levels/{sku}`, `shop.v1.Pricing/BatchGet`. */
  readonly route: string;
}

/** The answer of a backend that rejects a call. */
export interface ErrorResponse {
  /** HTTP status, or the name of the gRPC status. */
  readonly status: number | string;
  /** Names in lower case; includes gRPC trailers. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * REST: parsed JSON, or the text of another body; undefined for an empty, unreadable or larger one than 64 KiB. gRPC:
   * the message and the decoded details.
   */
  readonly body: unknown;
}

export interface UpstreamErrorOptions extends GatewayErrorOptions {
  /** HTTP status or gRPC status code of the response. Absent without a response. */
  readonly status?: number | undefined;
  /** Delay that the backend requests before a retry, in milliseconds. Absent without a request. */
  readonly retryAfterMs?: number | null | undefined;
  /** True if the backend forbids a retry of this call. */
  readonly noRetry?: boolean | undefined;
  /** Absent if no backend answered. */
  readonly response?: ErrorResponse | undefined;
  /** Message for clients instead of that of the code. */
  readonly publicMessage?: string | undefined;
  /** True if the upstream's `errors` gave the error another code than its status has. */
  readonly isMapped?: boolean | undefined;
  /** Failure that the upstream's `errors` made of the answer. Clients receive it instead of `code` and `details`. */
  readonly failure?: DomainError | undefined;
}

/**
 * A failed call to a backend. The message contains upstream and route, and is for operators only.
 *
 * `response` is the backend's answer. Only code that reads it sees it: it is not part of logs, spans or JSON.
 */
export class UpstreamError extends GatewayError {
  override readonly name = 'UpstreamError';
  readonly upstream: string;
  readonly route: string;
  readonly reason: string;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly noRetry: boolean;
  readonly publicMessage: string | null;
  readonly isMapped: boolean;
  /** Null unless the module declares the failure; clients receive it instead of `code` and `details`. */
  readonly failure: DomainError | null;
  readonly #response: ErrorResponse | undefined;

  constructor(code: ErrorCode, at: CallSite, reason: string, options: UpstreamErrorOptions = {}) {
    super(code, `${at.upstream}: ${at.route}: ${reason} (${code})`, options);
    this.upstream = at.upstream;
    this.route = at.route;
    this.reason = reason;
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.noRetry = options.noRetry ?? false;
    this.publicMessage = options.publicMessage ?? null;
    this.isMapped = options.isMapped ?? false;
    this.failure = options.failure ?? null;
    this.#response = options.response;
  }

  /** The backend's answer; undefined if none arrived. */
  get response(): ErrorResponse | undefined {
    return this.#response;
  }
}

/** An error that a schema module declares as part of its contract, with its own code. */
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

/** Abort reason: the client disconnected. Never sent. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** All problems of modules and settings, each with its place and fix. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(heading: string, problems: readonly string[]) {
    super(`${heading}\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}
