import type { ApolloServerPlugin } from '@apollo/server';
import { SpanKind } from '@opentelemetry/api';
import type { GraphQLError } from 'graphql';
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
    const where = { ...site, path: error.path?.join('.') };
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

/**
 * Traces, measures and records each operation from its choice to its response. Logs failures with a cause that clients do
 * not see, each once.
 */
export const observeOperations = (log: Log): ApolloServerPlugin<RequestContext> => ({
  requestDidStart: async ({ contextValue }) => {
    const { trace, requestId, signal } = contextValue;
    let span: OpenSpan | null = null;
    return {
      didResolveOperation: async ({ operation, operationName, queryHash }) => {
        if (operation === undefined) return;
        const type = operation.operation;
        span = trace.start(type, SpanKind.INTERNAL);
        if (span.isRecording)
          span.set({
            [names.ATTR_GRAPHQL_OPERATION_TYPE]: type,
            [names.ATTR_OPERATION_HASH]: queryHash,
            ...(operationName === null ? {} : { [names.ATTR_GRAPHQL_OPERATION_NAME]: operationName }),
          });
        trace.record.operationChosen({ type, name: operationName, hash: queryHash, trace: span });
      },
      didEncounterErrors: async ({ errors, operationName }) =>
        logErrors(errors, { requestId, traceId: trace.traceId, operation: operationName ?? null }, log),
      willSendResponse: async ({ response: { body } }) => {
        // No errors are sent to a client that has disconnected.
        const isGone = signal.reason instanceof ClientGoneError;
        const errors = body.kind === 'single' && !isGone ? (body.singleResult.errors ?? []) : [];
        const codes = errors.map(({ extensions }) => String(extensions?.code ?? 'INTERNAL_SERVER_ERROR'));
        for (const code of codes) trace.record.failed(code);
        trace.record.operationEnded(codes.length > 0);
        if (codes.length > 0) span?.set({ [names.ATTR_ERROR_CODES]: [...new Set(codes)] });
        span?.end(codes[0]);
      },
    };
  },
});
