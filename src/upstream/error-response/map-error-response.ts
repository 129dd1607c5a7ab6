import { DomainError, type ErrorCode, type ErrorResponse, isErrorCode } from '../../core/errors.ts';

/** An error response of a REST backend, as input of `errors`. */
export interface RestErrorResponse extends ErrorResponse {
  /** HTTP status, from 300. */
  readonly status: number;
  /** Low-cardinality name of the call: `GET /levels/{sku}`. */
  readonly route: string;
  /** The code that the error has without `errors`. */
  readonly code: ErrorCode;
}

/** Error for an error response. Each property replaces that of the usual error; `message` and `details` are sent to clients. */
export interface MappedError {
  readonly code?: ErrorCode | undefined;
  readonly message?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** A failure with a code that the module declares, as `fail` makes it. */
export interface DeclaredFailure extends Error {
  readonly code: string;
}

/** Returns the error for an error response; undefined for the usual one. Must be synchronous. */
export type ErrorMapping<Given extends ErrorResponse> = (response: Given) => MappedError | DeclaredFailure | undefined;

/** A valid result of `errors`. */
export interface ErrorOutcome extends MappedError {
  readonly failure?: DomainError;
}

/** Called for a fault of `errors`. The text names no value, because a value may be the backend's text. */
export type ReportFault = (route: string, fault: string) => void;

/** Bound of `details` as JSON, in characters. */
const MAX_DETAILS_LENGTH = 65_536;
const NAMES: ReadonlySet<string> = new Set(['code', 'message', 'details']);
const USUAL: ErrorOutcome = {};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isShortJson = (value: unknown): boolean => {
  try {
    return isObject(value) && JSON.stringify(value).length <= MAX_DETAILS_LENGTH;
  } catch {
    return false;
  }
};

const LONG_DETAILS = `its details are not a JSON object of at most ${MAX_DETAILS_LENGTH} characters`;

/** Returns the fault of a result; null for a valid one. */
const faultIn = (result: object): string | null => {
  if (result instanceof DomainError)
    return result.details === undefined || isShortJson(result.details) ? null : LONG_DETAILS;
  if ('then' in result) return 'it returns a promise: make it synchronous';
  const { code, message, details }: { code?: unknown; message?: unknown; details?: unknown } = result;
  if (Object.keys(result).some((name) => !NAMES.has(name))) return 'its result may have code, message and details only';
  if (code !== undefined && !isErrorCode(code)) return 'its code is not in docs/errors.md';
  if (message !== undefined && typeof message !== 'string') return 'its message is not a string';
  return details !== undefined && !isShortJson(details) ? LONG_DETAILS : null;
};

/**
 * Returns the function that calls `errors` and checks its result. After a fault, the usual error is used; each fault is
 * reported once.
 */
export const mapErrorResponse = <Given extends ErrorResponse & { readonly route: string }>(
  errors: ErrorMapping<Given> | undefined,
  report: ReportFault,
): ((response: Given) => ErrorOutcome) => {
  if (errors === undefined) return () => USUAL;
  const reported = new Set<string>();
  const rejected = (route: string, fault: string): ErrorOutcome => {
    if (!reported.has(fault)) report(route, fault);
    reported.add(fault);
    return USUAL;
  };
  return (response) => {
    try {
      const result: unknown = errors(response);
      if (result === undefined) return USUAL;
      if (!isObject(result)) return rejected(response.route, 'its result is not an object');
      if (result instanceof Promise) result.catch(() => {});
      const fault = faultIn(result);
      if (fault !== null) return rejected(response.route, fault);
      return result instanceof DomainError ? { failure: result } : result;
    } catch {
      return rejected(response.route, 'it throws');
    }
  };
};
