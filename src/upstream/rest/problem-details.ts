import { wallTime } from '../../core/clock.ts';
import { CALLER_CODES, type ErrorCode, UpstreamError } from '../../core/errors.ts';
import type { Answer, Call } from '../call.ts';
import type { ErrorOutcome, RestErrorResponse } from '../error-response/map-error-response.ts';
import { isUsedUp, rateLimitWaitMs } from '../error-response/rate-limit-wait.ts';
import { retryAfterMs } from '../retry/retry-after.ts';

/** The module's name of a field that the backend names in an error response. */
export type FieldName = (field: string) => string;

/** Error codes of an upstream's statuses that differ from the defaults. */
export type HttpStatusCodes = Readonly<Partial<Record<number, ErrorCode>>>;

/** The default error code of a status other than 2xx. A 3xx that is neither followed nor requested is a bad response. */
const codeOf = (status: number): ErrorCode => {
  switch (status) {
    case 400:
    case 422:
      return 'BAD_USER_INPUT';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'FORBIDDEN';
    case 404:
    case 410:
      return 'NOT_FOUND';
    case 409:
    case 412:
    case 428:
      return 'CONFLICT';
    case 429:
      return 'RATE_LIMITED';
    case 503:
      return 'SERVICE_UNAVAILABLE';
    default:
      return status >= 300 && status < 400 ? 'UPSTREAM_BAD_RESPONSE' : 'UPSTREAM_ERROR';
  }
};

export interface Violation {
  readonly field: string;
  readonly message: string;
  /** Stable name of the violation, of backends that have one. */
  readonly code?: string;
}

const MAX_VIOLATIONS = 50;
const MAX_TEXT_LENGTH = 500;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : undefined;

/** Returns the `violations` of problem details (RFC 9457, an extension member): invalid input by field. */
const violationsOf = (problem: Readonly<Record<string, unknown>>): readonly Violation[] | undefined => {
  if (!Array.isArray(problem.violations)) return undefined;
  const list: readonly unknown[] = problem.violations;
  return list.slice(0, MAX_VIOLATIONS).flatMap((entry) => {
    if (!isRecord(entry)) return [];
    const field = text(entry.field);
    const message = text(entry.message);
    return field === undefined || message === undefined ? [] : [{ field, message }];
  });
};

/**
 * Returns the last segment of a problem's type: stable, and without the backend's address. Undefined for `about:blank`.
 */
const problemName = (type: unknown): string | undefined => {
  if (typeof type !== 'string' || type === 'about:blank') return undefined;
  const path = type.replace(/^([a-z][\w+.-]*:)?\/\/[^/?#]*/i, '').replace(/\?[^#]*/, '');
  return text(path.split(/[/:#]/).findLast((part) => part !== ''));
};

/** Name and violations of problem details, as far as they are valid. */
export const problemParts = (
  value: unknown,
): { readonly problem?: string; readonly violations?: readonly Violation[] } => {
  if (!isRecord(value)) return {};
  const problem = problemName(value.type);
  const violations = violationsOf(value);
  return { ...(problem === undefined ? {} : { problem }), ...(violations === undefined ? {} : { violations }) };
};

const TOO_MANY_REQUESTS = 429;

/** True for a 403 that a used-up quota or a valid Retry-After explains, as GitHub sends them. */
const isQuota = (status: number, headers: Answer['headers']): boolean =>
  status === 403 && (isUsedUp(headers) || retryAfterMs(headers['retry-after'], wallTime()) !== null);

/** The requested wait of an error response in milliseconds; null for none. Retry-After takes precedence. */
const waitOf = (code: ErrorCode, { status, headers }: Answer): number | null => {
  const isThrottled = code === 'RATE_LIMITED' || status === TOO_MANY_REQUESTS;
  if (!isThrottled && status !== 503) return null;
  const now = wallTime();
  return (
    retryAfterMs(headers['retry-after'], now, headers.date) ?? (isThrottled ? rateLimitWaitMs(headers, now) : null)
  );
};

/**
 * True if the backend forbids another attempt: `x-do-not-retry`, unless its value is `false`, or `false` in
 * `x-should-retry` or `stripe-should-retry`.
 */
const forbidsRetry = (headers: Answer['headers']): boolean =>
  (headers['x-do-not-retry'] ?? 'false').toLowerCase() !== 'false' ||
  headers['x-should-retry']?.toLowerCase() === 'false' ||
  headers['stripe-should-retry']?.toLowerCase() === 'false';

/** Details with the module's names in `violations`. */
const withFieldNames = (details: Readonly<Record<string, unknown>>, fieldName: FieldName) => {
  const { violations } = details;
  if (!Array.isArray(violations)) return details;
  const renamed = violations.map((violation: unknown) =>
    isRecord(violation) && typeof violation.field === 'string'
      ? { ...violation, field: fieldName(violation.field) }
      : violation,
  );
  return { ...details, violations: renamed };
};

/**
 * The error for an answer other than 2xx. For an error that the caller caused, problem details are kept as `details`,
 * unless `map` returns others.
 *
 * A 429, 403 or 503 may have a Retry-After (RFC 9110, 10.2.3), a 429 or a 403 rate limit headers instead. RATE_LIMITED
 * reports the wait as `details.retryAfter`, in whole seconds, rounded up.
 */
export const problemError = (
  call: Call,
  answer: Answer,
  codes: HttpStatusCodes = {},
  map: (response: RestErrorResponse) => ErrorOutcome = () => ({}),
  fieldName: FieldName = (field) => field,
): UpstreamError => {
  const { status, headers, value: body } = answer;
  const usual = isQuota(status, headers) ? 'RATE_LIMITED' : (codes[status] ?? codeOf(status));
  const response = { status, headers, body };
  const mapped = map({ ...response, route: call.route, code: usual });
  const code = mapped.code ?? usual;
  const waitMs = waitOf(code, answer);
  const retryAfter = code === 'RATE_LIMITED' && waitMs !== null ? { retryAfter: Math.ceil(waitMs / 1_000) } : {};
  const usualDetails = CALLER_CODES.has(code) ? problemParts(body) : {};
  const details = withFieldNames({ ...retryAfter, ...(mapped.details ?? usualDetails) }, fieldName);
  return new UpstreamError(code, call, `answered ${status}`, {
    details: Object.keys(details).length === 0 ? undefined : details,
    status,
    retryAfterMs: waitMs,
    noRetry: forbidsRetry(headers),
    response,
    publicMessage: mapped.message,
    isMapped: code !== usual,
    failure: mapped.failure,
  });
};
