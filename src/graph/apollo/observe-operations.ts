import type { ApolloServerPlugin } from '@apollo/server';
import { SpanKind } from '@opentelemetry/api';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { ClientGoneError, GatewayError, isErrorCode, UpstreamError } from '../../core/errors.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { Log } from '../../telemetry/log/log.ts';
import * as names from '../../telemetry/names.ts';
import type { OpenSpan } from '../../telemetry/request-trace.ts';
import { rootCause } from './root-cause.ts';

/** Codes of backend failures for operators. Other codes answer the client's request. */
const FOR_OPERATORS: ReadonlySet<string> = new Set([
  'RATE_LIMITED',
  'TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'UPSTREAM_ERROR',
  'UPSTREAM_BAD_RESPONSE',
  'UPSTREAM_RESPONSE_TOO_LARGE',
  'INTERNAL_SERVER_ERROR',
]);

/** Maximum number of log lines for one request: every item of a list may fail in its own way. */
const MAX_LINES = 10;

const codeOf = ({ extensions }: GraphQLError): string => (typeof extensions.code === 'string' ? extensions.code : '');

/**
 * True if the client sees only that something failed. An unknown code is a module's declared code only in errors from
 * execution, which have a requestId.
 */
const isInternal = (error: GraphQLError): boolean =>
  codeOf(error) === 'INTERNAL_SERVER_ERROR' ||
  (!isErrorCode(codeOf(error)) && typeof error.extensions.requestId !== 'string');

// Only the status of a backend's response is logged: its text may contain data.
const reasonOf = ({ status, reason, cause }: UpstreamError): string => {
  if (cause instanceof Error && cause.name === 'GrpcStatusError') return reason.split(':', 1)[0] ?? '';
  return status === null ? reason : `answered ${status}`;
};

/** Maximum characters of a name or path in a log line: a client chooses names and aliases, and one document may have many errors. */
const MAX_TEXT = 512;

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

interface Site {
  readonly requestId: string;
  readonly traceId: string | null;
  readonly operation: string | null;
}

const logErrors = (errors: readonly GraphQLError[], site: Site, log: Log): void => {
  const seen = new Set<Error>();
  for (const error of errors) {
    const cause = rootCause(error);
    if (seen.has(cause) || seen.size >= MAX_LINES || cause instanceof ClientGoneError) continue;
    const where = {
      ...site,
      operation: site.operation && cut(site.operation),
      path: error.path && cut(error.path.join('.')),
    };
    if (cause instanceof UpstreamError) {
      if (!FOR_OPERATORS.has(cause.code)) continue;
      seen.add(cause);
      const { upstream, route, code } = cause;
      log.warn('An upstream failed.', { ...where, upstream, route, code, reason: reasonOf(cause) });
    } else if (cause instanceof GatewayError && cause.code === 'UPSTREAM_BAD_RESPONSE') {
      seen.add(cause);
      log.warn('A module returned an invalid value.', { ...where, code: cause.code, reason: cause.message });
    } else if (isInternal(error)) {
      seen.add(cause);
      log.error('A field failed.', { ...where, error: cause });
    }
  }
};

/** An operation before its execution. */
export interface ChosenOperation {
  readonly type: string;
  readonly name: string | null;
  /** SHA-256 of the document, in hex. */
  readonly hash: string;
}

/** Starts the span of an operation. */
export const operationChosen = ({ trace }: RequestContext, { type, name, hash }: ChosenOperation): OpenSpan => {
  const span = trace.start(type, SpanKind.INTERNAL);
  if (span.isRecording)
    span.set({
      [names.ATTR_GRAPHQL_OPERATION_TYPE]: type,
      [names.ATTR_OPERATION_HASH]: hash,
      ...(name === null ? {} : { [names.ATTR_GRAPHQL_OPERATION_NAME]: name }),
    });
  trace.record.operationChosen({ type, name, hash, trace: span });
  return span;
};

/** Logs failures with a cause that clients do not see, each once. */
export const operationFailed = (
  { requestId, trace }: RequestContext,
  errors: readonly GraphQLError[],
  operation: string | null,
  log: Log,
): void => logErrors(errors, { requestId, traceId: trace.traceId, operation }, log);

/** Records the errors of the response and ends the span of the operation; null if none was chosen. */
export const operationEnded = (
  { trace, signal }: RequestContext,
  span: OpenSpan | null,
  errors: readonly GraphQLFormattedError[],
): void => {
  // No errors are sent to a client that has disconnected.
  const sent = signal.reason instanceof ClientGoneError ? [] : errors;
  const codes = sent.map(({ extensions }) => String(extensions?.code ?? 'INTERNAL_SERVER_ERROR'));
  for (const code of codes) trace.record.failed(code);
  trace.record.operationEnded(codes.length > 0);
  if (codes.length > 0) span?.set({ [names.ATTR_ERROR_CODES]: [...new Set(codes)] });
  span?.end(codes[0]);
};

/** Traces, measures and records each operation from its choice to its response. */
export const observeOperations = (log: Log): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async ({ contextValue }) => {
    let span: OpenSpan | null = null;
    return {
      didResolveOperation: async ({ operation, operationName, queryHash }) => {
        if (operation === undefined) return;
        const chosen = { type: operation.operation, name: operationName, hash: queryHash };
        span = operationChosen(contextValue, chosen);
      },
      didEncounterErrors: async ({ errors, operationName }) =>
        operationFailed(contextValue, errors, operationName ?? null, log),
      willSendResponse: async ({ response: { body } }) =>
        operationEnded(contextValue, span, body.kind === 'single' ? (body.singleResult.errors ?? []) : []),
    };
  },
});
