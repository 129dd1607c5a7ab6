import { type CallSite, type ErrorCode, UpstreamError } from '../../core/errors.ts';
import { readable } from '../../upstream/grpc/status.ts';

/** An error of a GraphQL response. */
export interface ServiceError {
  /** Position in `data`; empty for an error of the whole operation. */
  readonly path: readonly (string | number)[];
  readonly error: UpstreamError;
}

/** A GraphQL response: data, errors, or both. */
export interface GraphqlAnswer {
  /** Null or undefined if nothing was executed, or a null reached the top. */
  readonly data: unknown;
  readonly errors: readonly ServiceError[];
}

/** Codes by `extensions.code` of the service's errors. All other errors are UPSTREAM_ERROR. */
export type ServiceCodes = ReadonlyMap<unknown, ErrorCode>;

/** Codes of a service that mean the same for the client, if the service receives the client's credentials. */
const OF_CREDENTIALS: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN'];
/** Codes of a service that mean the same for the client. */
const OF_INPUT: readonly ErrorCode[] = ['NOT_FOUND', 'BAD_USER_INPUT'];

/** Returns the codes of a service: those of its errors that mean the same for the client, then the module's. */
export const serviceCodesOf = (
  isAuthenticated: boolean,
  declared: Readonly<Partial<Record<string, ErrorCode>>> = {},
): ServiceCodes => {
  const same = isAuthenticated ? [...OF_INPUT, ...OF_CREDENTIALS] : OF_INPUT;
  const codes = new Map<unknown, ErrorCode>(same.map((code) => [code, code]));
  for (const [name, code] of Object.entries(declared)) if (code !== undefined) codes.set(name, code);
  return codes;
};

/** Maximum number of errors that are read. A field of each row of a list may fail. */
const MAX_ERRORS = 1_000;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pathOf = (path: unknown): ServiceError['path'] => {
  const steps: readonly unknown[] = Array.isArray(path) ? path : [];
  const known = steps.filter((step) => typeof step === 'string' || typeof step === 'number');
  return known.length === steps.length ? known : [];
};

const serviceError = (entry: unknown, call: CallSite, codes: ServiceCodes): ServiceError => {
  const { message, path, extensions }: Readonly<Record<string, unknown>> = isRecord(entry) ? entry : {};
  const code = codes.get(isRecord(extensions) ? extensions.code : undefined) ?? 'UPSTREAM_ERROR';
  // For operators only, as the message of a gRPC status.
  const reason = readable(typeof message === 'string' ? message : '') || 'an error without a message';
  return { path: pathOf(path), error: new UpstreamError(code, call, reason) };
};

/**
 * Reads the value of an answer as a GraphQL response (GraphQL specification, 7.1).
 *
 * @throws UpstreamError UPSTREAM_BAD_RESPONSE for any other value
 */
export const graphqlAnswer = (value: unknown, call: CallSite, codes: ServiceCodes): GraphqlAnswer => {
  const bad = (reason: string) => new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `the answer ${reason}`);
  if (!isRecord(value)) throw bad('is no GraphQL response: it is no object');
  const { data, errors: given = [] } = value;
  if (!Array.isArray(given)) throw bad('is no GraphQL response: `errors` is no list');
  if (data !== undefined && data !== null && !isRecord(data)) throw bad('is no GraphQL response: `data` is no object');
  if (data === undefined && given.length === 0) throw bad('is no GraphQL response: it has neither data nor errors');
  const entries: readonly unknown[] = given.slice(0, MAX_ERRORS);
  return { data, errors: entries.map((entry) => serviceError(entry, call, codes)) };
};
