import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import {
  DomainError,
  type ErrorCode,
  GatewayError,
  isErrorCode,
  PUBLIC_ERRORS,
  UpstreamError,
} from '../../core/errors.ts';
import { InputError } from '../../execution/input-error.ts';
import { firstOf, repeatedAt } from '../../execution/run/repeated-error.ts';
import { namelessMessage } from './nameless-messages.ts';
import { rootCause } from './root-cause.ts';

/** Codes declared by modules, each with its message for clients. */
export type DomainMessages = ReadonlyMap<string, string>;

interface Public {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** Apollo Server's codes, and the code of this gateway for each. */
const APOLLO_CODES: Readonly<Record<string, ErrorCode>> = {
  BAD_REQUEST: 'BAD_REQUEST',
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_PARSE_FAILED',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  OPERATION_RESOLUTION_FAILURE: 'OPERATION_RESOLUTION_FAILURE',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_FOUND: 'PERSISTED_QUERY_NOT_FOUND',
  PERSISTED_QUERY_NOT_SUPPORTED: 'PERSISTED_QUERY_NOT_SUPPORTED',
};

const MAX_MESSAGE_LENGTH = 1_000;

const INTERNAL: Public = { code: 'INTERNAL_SERVER_ERROR', message: PUBLIC_ERRORS.INTERNAL_SERVER_ERROR.message };

/** Messages for rejections by a backend. The message of the UpstreamError itself would name the backend. */
const OF_A_BACKEND: Partial<Record<ErrorCode, string>> = {
  BAD_USER_INPUT: 'The input was rejected.',
  NOT_FOUND: 'Not found.',
  CONFLICT: 'The current state does not allow this.',
};

const publicMessage = (error: GatewayError): string => {
  if (error instanceof UpstreamError && error.publicMessage !== null) return error.publicMessage;
  const fixed = PUBLIC_ERRORS[error.code].message;
  if (fixed !== null) return fixed;
  return error instanceof UpstreamError ? (OF_A_BACKEND[error.code] ?? INTERNAL.message) : error.message;
};

const publicPart = (cause: Error, domain: DomainMessages): Public => {
  if (cause instanceof UpstreamError && cause.failure !== null) return publicPart(cause.failure, domain);
  if (cause instanceof GatewayError) return { code: cause.code, message: publicMessage(cause), details: cause.details };
  if (cause instanceof DomainError) {
    const message = domain.get(cause.code);
    return message === undefined ? INTERNAL : { code: cause.code, message, details: cause.details };
  }
  return INTERNAL;
};

/** True for errors that the client cannot fix and an operator should know. */
export const isInternal = (error: GraphQLFormattedError): boolean => error.extensions?.code === INTERNAL.code;

/** False for details that cannot be serialized. They are left out, so that the response can be sent. */
const isJson = (details: object): boolean => {
  try {
    JSON.stringify(details);
    return true;
  } catch {
    return false;
  }
};

const formatted = (
  { code, message, details }: Public,
  { path, locations }: Pick<GraphQLFormattedError, 'path' | 'locations'>,
  requestId: string | undefined,
): GraphQLFormattedError => ({
  message: message.slice(0, MAX_MESSAGE_LENGTH),
  ...(locations === undefined ? {} : { locations }),
  ...(path === undefined ? {} : { path }),
  extensions: {
    code,
    ...(details === undefined || !isJson(details) ? {} : { details }),
    ...(requestId === undefined ? {} : { requestId }),
  },
});

/**
 * An error of execution for the client. Unless its message is known to be written for clients, it only reports that
 * something failed: no upstream, host, library or stack, and no `extensions` from other code.
 */
const publicError = (
  error: GraphQLError,
  domain: DomainMessages,
  requestId: string,
  hideNames: boolean,
): GraphQLError => {
  const cause = rootCause(error);
  const { message, extensions = {} } = formatted(publicPart(cause, domain), {}, requestId);
  const isOfInput = cause instanceof InputError;
  return new GraphQLError(hideNames && isOfInput ? namelessMessage(new GraphQLError(message)) : message, {
    nodes: error.nodes ?? null,
    path: error.path ?? null,
    extensions,
    originalError: cause,
  });
};

/**
 * All errors of one response for the client. Repeated errors share one conversion. With `hideNames`, messages about
 * input contain no names that only the schema has.
 */
export const publicErrors = (
  errors: readonly GraphQLError[],
  domain: DomainMessages,
  requestId: string,
  hideNames: boolean,
): readonly GraphQLError[] => {
  const made = new Map<GraphQLError, GraphQLError>();
  return errors.map((error) => {
    const first = firstOf(error);
    const known = made.get(first);
    if (known !== undefined) return repeatedAt(known, error.path);
    const converted = publicError(error, domain, requestId, hideNames);
    made.set(first, converted);
    return converted;
  });
};

/** An error of Apollo Server, before or after execution, for the client. Errors of `publicError` pass unchanged. */
export const formatError = (
  error: GraphQLFormattedError,
  thrown: unknown,
  domain: DomainMessages,
): GraphQLFormattedError => {
  const { code, requestId } = error.extensions ?? {};
  if (thrown instanceof GraphQLError && typeof requestId === 'string') return error;
  const cause = rootCause(thrown);
  if (cause instanceof GatewayError || cause instanceof DomainError)
    return formatted(publicPart(cause, domain), error, undefined);
  const known = typeof code === 'string' && isErrorCode(code) ? APOLLO_CODES[code] : undefined;
  if (known === undefined) return formatted(INTERNAL, error, undefined);
  return formatted({ code: known, message: wordsFor(cause, error.message) }, error, undefined);
};

/** Replaces messages that name a library. */
const wordsFor = (cause: unknown, message: string): string => {
  // The parser overflowed the stack; its own message says so.
  if (cause instanceof RangeError) return 'The document is nested too deeply.';
  return /^GraphQL introspection is not allowed/.test(message) ? 'Introspection is disabled.' : message;
};
