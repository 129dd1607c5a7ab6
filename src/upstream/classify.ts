import { GatewayError, UpstreamError } from '../errors.ts';
import { LeftOutError, NotProcessedError, StaleConnectionError } from './not-processed.ts';

/** What the outcome of an attempt says about the endpoint that it went to. */
export type Verdict =
  /** It answered as one that is well does: that includes every refusal of what a client asked for. */
  | { readonly is: 'success' }
  /** It did not answer, or answered that it is not well. */
  | { readonly is: 'failure' }
  /** It is well, and wants fewer calls. `retryAfterMs` is its own word on when to come back, null where it said nothing. */
  | { readonly is: 'throttled'; readonly retryAfterMs: number | null }
  /** Nothing: the caller left, another attempt won, or the mistake is our own. */
  | { readonly is: 'nothing' };

const SUCCESS: Verdict = { is: 'success' };
const FAILURE: Verdict = { is: 'failure' };
const NOTHING: Verdict = { is: 'nothing' };

/** The verdict on an attempt that was answered. */
export const answered = (): Verdict => SUCCESS;

/** gRPC statuses that a server which is well gives to a call that it does not like. Numbers up to 16 are gRPC's. */
const REFUSALS: ReadonlySet<number> = new Set([
  3, // INVALID_ARGUMENT
  5, // NOT_FOUND
  6, // ALREADY_EXISTS
  7, // PERMISSION_DENIED
  9, // FAILED_PRECONDITION
  10, // ABORTED
  11, // OUT_OF_RANGE
  12, // UNIMPLEMENTED: asking for what it does not have must not take away what it has
  16, // UNAUTHENTICATED
]);
const RESOURCE_EXHAUSTED = 8;
const TOO_MANY_REQUESTS = 429;

/** Whether the endpoint answered, and what it says is about the call. A redirect is an answer too: it goes to the wrong place. */
const isRefusal = (status: number): boolean => REFUSALS.has(status) || (status >= 300 && status < 500);

/** The verdict on what is no fault of a client by its code. The status, where there is one, knows better than a code. */
const blamed = ({ code, status, retryAfterMs }: UpstreamError): Verdict => {
  if (status === TOO_MANY_REQUESTS || status === RESOURCE_EXHAUSTED) return { is: 'throttled', retryAfterMs };
  if (status !== null && isRefusal(status)) return SUCCESS;
  // "At once" is no wish to be left alone.
  const asksForTime = code === 'SERVICE_UNAVAILABLE' && retryAfterMs !== null && retryAfterMs > 0;
  return asksForTime ? { is: 'throttled', retryAfterMs } : FAILURE;
};

/** True where the attempt ended with its connection, which says nothing about the endpoint. */
export const isLostConnection = (cause: unknown): boolean =>
  cause instanceof LeftOutError || cause instanceof StaleConnectionError;

/**
 * The verdict on an attempt that failed with this error: the one place that decides what counts against an endpoint.
 *
 * Failures are lost connections, answers that cannot be read, time limits, HTTP's 5xx, and gRPC's CANCELLED (not by us: that
 * has another error), UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE and DATA_LOSS. A module may change what a status is:
 * one that it calls a client's fault counts as answered.
 *
 * A connection that goes away without processing a call, and a reused one that is closed before an answer, say nothing about
 * the endpoint.
 *
 * Whether it failed by its own time limit or because the caller left is told by the error: a time limit is an
 * `UpstreamError`, a caller who leaves or another attempt that won is not. An answer that does not fit what a module
 * declares is found above the stack, and never gets here: a broken contract is not a sick endpoint.
 */
export const verdictOn = (error: unknown): Verdict => {
  if (!(error instanceof UpstreamError) || isLostConnection(error.cause)) return NOTHING;
  switch (error.code) {
    case 'RATE_LIMITED':
      return { is: 'throttled', retryAfterMs: error.retryAfterMs };
    case 'SERVICE_UNAVAILABLE':
    case 'TIMEOUT':
    case 'UPSTREAM_ERROR':
    case 'UPSTREAM_BAD_RESPONSE':
    case 'OVERLOADED':
      return blamed(error);
    case 'INTERNAL_SERVER_ERROR':
      // Without a status it is a mistake of our own.
      return error.status === null ? NOTHING : blamed(error);
    default:
      return SUCCESS;
  }
};

/** Whether the backend certainly never began with the call, so that sending it again is safe whatever it does. */
export const neverProcessed = (error: unknown): boolean =>
  error instanceof GatewayError && error.cause instanceof NotProcessedError;
