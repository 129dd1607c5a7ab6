import { type ErrorCode, GatewayError, UpstreamError } from '../errors.ts';
import { LeftOutError, NotProcessedError, StaleConnectionError } from './not-processed.ts';

/** Verdict on one attempt: the meaning of its outcome for its endpoint. ADR 24 has the reasons. */
export type Verdict =
  /** An answer of a well endpoint. Refusals of a client's input are included. */
  | { readonly is: 'success' }
  /**
   * An answer that arrived and is not what it should be: an error of the application, or a body that cannot be read. The
   * endpoint lives. Errors count against it only where several of its routes and callers meet them.
   */
  | { readonly is: 'error' }
  /** No answer, or one of a server that takes no calls. Failures in a row count whatever else was answered. */
  | { readonly is: 'failure' }
  /** The endpoint is well and takes fewer calls. `retryAfterMs` is its own time to wait; null without one. */
  | { readonly is: 'throttled'; readonly retryAfterMs: number | null }
  /** This caller has sent too many calls: concerns its own calls only. `retryAfterMs` as above. */
  | { readonly is: 'quota'; readonly retryAfterMs: number | null }
  /** No information: the caller left, another attempt won, or the gateway itself made the mistake. */
  | { readonly is: 'nothing' };

const SUCCESS: Verdict = { is: 'success' };
const ERROR: Verdict = { is: 'error' };
const FAILURE: Verdict = { is: 'failure' };
const NOTHING: Verdict = { is: 'nothing' };

/** The verdict on an attempt that was answered. */
export const answered = (): Verdict => SUCCESS;

/** gRPC statuses that a well server gives to a call that it refuses. Numbers up to 16 are gRPC's. */
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

/** Statuses of a server, or of a proxy in front of it, that takes no calls or ran out of time (Envoy: gateway failure). */
const TAKES_NO_CALLS: ReadonlySet<number> = new Set([
  502,
  503,
  504,
  4, // DEADLINE_EXCEEDED
  14, // UNAVAILABLE
]);
/** Codes that do not blame the client, whose status decides. */
const BLAME_THE_UPSTREAM: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
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

/** True for an answer of a well endpoint about the call itself. A redirect is one too: it goes to the wrong place. */
const isRefusal = (status: number): boolean => REFUSALS.has(status) || (status >= 300 && status < 500);

const throttles = ({ code, status }: UpstreamError): boolean =>
  code === 'RATE_LIMITED' || status === TOO_MANY_REQUESTS || status === RESOURCE_EXHAUSTED;

/** The verdict on an error that does not blame the client by its code. A status decides before the code. */
const blamed = ({ code, status, retryAfterMs }: UpstreamError): Verdict => {
  if (status !== null && isRefusal(status)) return SUCCESS;
  // Retry-After: 0 is no pause.
  if (code === 'SERVICE_UNAVAILABLE' && retryAfterMs !== null && retryAfterMs > 0)
    return { is: 'throttled', retryAfterMs };
  // Without a status, an unreadable answer has arrived or none at all.
  if (status === null) return code === 'UPSTREAM_BAD_RESPONSE' ? ERROR : FAILURE;
  return TAKES_NO_CALLS.has(status) ? FAILURE : ERROR;
};

/** True where the attempt ended with its connection, which says nothing about the endpoint. */
export const isLostConnection = (cause: unknown): boolean =>
  cause instanceof LeftOutError || cause instanceof StaleConnectionError;

/** The part of a call that verdicts depend on. */
interface OfCaller {
  readonly isIdentified?: boolean | undefined;
}

/**
 * The verdict on an attempt that failed with this error: the one place that decides what counts against an endpoint.
 *
 * Failures are lost connections, time limits, HTTP 502, 503 and 504, and gRPC's UNAVAILABLE and DEADLINE_EXCEEDED. Errors are all
 * other 5xx, gRPC's CANCELLED (by the server: an own cancellation is another error), UNKNOWN, INTERNAL and DATA_LOSS, and answers
 * that cannot be read. 429 and RESOURCE_EXHAUSTED concern the caller where the upstream distinguishes callers, else the endpoint.
 * A module may change the meaning of a status: one that it calls a client's fault counts as answered.
 *
 * A connection that goes away without processing a call, and an idle one that is closed before an answer, say nothing about
 * the endpoint.
 *
 * The error's class separates a time limit (an `UpstreamError`) from a caller that left or another attempt that won (any other
 * error). An answer that does not fit the module's declaration is found above the stack and never gets here.
 */
export const verdictOn = (error: unknown, { isIdentified }: OfCaller = {}): Verdict => {
  if (!(error instanceof UpstreamError) || isLostConnection(error.cause)) return NOTHING;
  if (!BLAME_THE_UPSTREAM.has(error.code)) return SUCCESS;
  // Without a status it is a mistake of the gateway's own.
  if (error.code === 'INTERNAL_SERVER_ERROR' && error.status === null) return NOTHING;
  if (throttles(error)) return { is: isIdentified === true ? 'quota' : 'throttled', retryAfterMs: error.retryAfterMs };
  return blamed(error);
};

/** Whether the backend certainly never began with the call, so that sending it again is safe whatever it does. */
export const neverProcessed = (error: unknown): boolean =>
  error instanceof GatewayError && error.cause instanceof NotProcessedError;
