import { type ErrorCode, GatewayError, UpstreamError } from '../core/errors.ts';
import { LeftOutError, LostProxyError, NotProcessedError, StaleConnectionError, WithheldError } from './errors.ts';

/**
 * Maximum pause in milliseconds that a backend can request by Retry-After or a gRPC pushback: the cap of Envoy and
 * Linkerd.
 */
export const MAX_PAUSE_MS = 300_000;

/** Outcome of one attempt: what it means for its endpoint. ADR 24 has the reasons. */
export type Outcome =
  /** An answer of a healthy endpoint, including a rejection of the client's input. */
  | { readonly is: 'success' }
  /**
   * An answer that is not as expected: an error of the application, or a body that cannot be read. The endpoint is
   * alive. Errors count against it only if several of its routes and callers meet them.
   */
  | { readonly is: 'error' }
  /** No answer, or the answer of a server that accepts no calls. Failures in a row count whatever else was answered. */
  | { readonly is: 'failure' }
  /** The endpoint is healthy and accepts fewer calls. `retryAfterMs` is its Retry-After; null for none. */
  | { readonly is: 'throttled'; readonly retryAfterMs: number | null }
  /** This caller has sent too many calls; only its own calls are paused. `retryAfterMs` as above. */
  | { readonly is: 'quota'; readonly retryAfterMs: number | null }
  /** No information: the caller left, another attempt won, or the gateway itself failed. */
  | { readonly is: 'ignored' };

const SUCCESS: Outcome = { is: 'success' };
const ERROR: Outcome = { is: 'error' };
const FAILURE: Outcome = { is: 'failure' };
const IGNORED: Outcome = { is: 'ignored' };

/** The outcome of an attempt with an answer. */
export const answered = (): Outcome => SUCCESS;

/** gRPC statuses by which a healthy server rejects a call. Numbers up to 16 are gRPC's. */
const REFUSALS: ReadonlySet<number> = new Set([
  3, // INVALID_ARGUMENT
  5, // NOT_FOUND
  6, // ALREADY_EXISTS
  7, // PERMISSION_DENIED
  9, // FAILED_PRECONDITION
  10, // ABORTED
  11, // OUT_OF_RANGE
  12, // UNIMPLEMENTED: a call to a missing method must not take away the methods that exist
  16, // UNAUTHENTICATED
]);

/** Statuses of a server, or of a proxy in front of it, that accepts no calls or timed out (Envoy: gateway failure). */
const TAKES_NO_CALLS: ReadonlySet<number> = new Set([
  502,
  503,
  504,
  4, // DEADLINE_EXCEEDED
  14, // UNAVAILABLE
]);
/** Error codes of failures without a fault of the client. Their status decides. */
const UPSTREAM_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'TIMEOUT',
  'UPSTREAM_ERROR',
  'UPSTREAM_BAD_RESPONSE',
  'OVERLOADED',
  'INTERNAL_SERVER_ERROR',
]);
const RESOURCE_EXHAUSTED = 8;
const TOO_MANY_REQUESTS = 429;

/** True for an answer of a healthy endpoint about the call itself, including redirects. */
const isRefusal = (status: number): boolean => REFUSALS.has(status) || (status >= 300 && status < 500);

const throttles = ({ code, status }: UpstreamError): boolean =>
  code === 'RATE_LIMITED' || status === TOO_MANY_REQUESTS || status === RESOURCE_EXHAUSTED;

/**
 * The outcome of an error with one of `UPSTREAM_FAULTS`. A status decides before the code, except for a code that the
 * upstream's `errors` changed.
 */
const outcomeOfFault = ({ code, status, retryAfterMs, isMapped }: UpstreamError): Outcome => {
  if (status !== null && !isMapped && isRefusal(status)) return SUCCESS;
  // Retry-After: 0 is no pause.
  if (code === 'SERVICE_UNAVAILABLE' && retryAfterMs !== null && retryAfterMs > 0)
    return { is: 'throttled', retryAfterMs };
  // Without a status, the answer was either unreadable or never arrived.
  if (status === null) return code === 'UPSTREAM_BAD_RESPONSE' ? ERROR : FAILURE;
  if (isMapped) return code === 'SERVICE_UNAVAILABLE' || code === 'TIMEOUT' ? FAILURE : ERROR;
  return TAKES_NO_CALLS.has(status) ? FAILURE : ERROR;
};

/** True if the attempt ended with its connection, which says nothing about the endpoint. */
export const isLostConnection = (cause: unknown): boolean =>
  cause instanceof LeftOutError || cause instanceof StaleConnectionError;

/** True if the attempt ended before or without the endpoint. */
const isNotOfEndpoint = (cause: unknown): boolean =>
  isLostConnection(cause) || cause instanceof WithheldError || cause instanceof LostProxyError;

/** Fields of a call that outcomes depend on. */
interface OfCaller {
  readonly isIdentified?: boolean | undefined;
}

/**
 * Returns the outcome of a failed attempt. No other place decides what an error means for an endpoint. Whatever the
 * error, the circuit layer ignores an attempt that its caller, a faster attempt or the deadline of the call ended.
 *
 * Failures are lost connections, timeouts, HTTP 502, 503 and 504, and gRPC's UNAVAILABLE and DEADLINE_EXCEEDED. Errors
 * are all other 5xx, gRPC's CANCELLED (by the server: an own cancellation is another error), UNKNOWN, INTERNAL and
 * DATA_LOSS, and unreadable answers. 429 and RESOURCE_EXHAUSTED concern the caller if the upstream distinguishes
 * callers, else the endpoint. A module may change the meaning of a status: a code for a fault of the client counts as
 * an answer.
 *
 * A connection that goes away without processing a call, an idle one that is closed before an answer, a failed egress
 * proxy and a call that the gateway withholds say nothing about the endpoint.
 *
 * The class of the error separates a timeout (an `UpstreamError`) from a caller that left or another attempt that won
 * (any other error). Answers that fail the module's validator are detected above the stack and never reach this
 * function.
 */
export const outcomeOf = (error: unknown, { isIdentified }: OfCaller = {}): Outcome => {
  if (!(error instanceof UpstreamError) || isNotOfEndpoint(error.cause)) return IGNORED;
  if (!UPSTREAM_FAULTS.has(error.code)) return SUCCESS;
  // Without a status it is a fault of the gateway itself.
  if (error.code === 'INTERNAL_SERVER_ERROR' && error.status === null) return IGNORED;
  if (throttles(error)) return { is: isIdentified === true ? 'quota' : 'throttled', retryAfterMs: error.retryAfterMs };
  return outcomeOfFault(error);
};

/** True if the backend certainly never began with the call, so that sending it again is safe in any case. */
export const neverProcessed = (error: unknown): boolean =>
  error instanceof GatewayError && error.cause instanceof NotProcessedError;
