import {
  type Context,
  createContextKey,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { TRACEPARENT_HEADER, TRACESTATE_HEADER } from './names.ts';

// https://www.w3.org/TR/trace-context/#traceparent-header: version ff is forbidden, a later one may have more fields.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const MAX_TRACESTATE_LENGTH = 512;

const TRUSTED = createContextKey('the parent of this trace may decide whether it is sampled');

/** True if the sender of this trace context is trusted to decide on sampling. */
export const isTrusted = (context: Context): boolean => context.getValue(TRUSTED) === true;

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const parse = (header: unknown): SpanContext | null => {
  if (typeof header !== 'string') return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return null;
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(found) ? found : null;
};

/**
 * Reads the trace of a request (W3C Trace Context); none for malformed headers.
 *
 * An untrusted peer determines only the ids: the sampled flag counts as unset, and `tracestate` is dropped. `baggage`
 * is never read.
 */
export const extractTrace = (headers: Headers, trusted: boolean): Context => {
  const parent = parse(headers[TRACEPARENT_HEADER]);
  if (parent === null) return ROOT_CONTEXT;
  if (!trusted) return trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: TraceFlags.NONE });
  const state = headers[TRACESTATE_HEADER];
  const kept = typeof state === 'string' && state.length <= MAX_TRACESTATE_LENGTH ? createTraceState(state) : undefined;
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, ...(kept && { traceState: kept }) }).setValue(TRUSTED, true);
};

/** Returns the headers with which the next service continues this trace; none without a trace. */
export const traceHeaders = (context: Context): Readonly<Record<string, string>> => {
  const span = trace.getSpanContext(context);
  if (span === undefined || !isSpanContextValid(span)) return {};
  const flags = span.traceFlags & TraceFlags.SAMPLED ? '01' : '00';
  const state = span.traceState?.serialize();
  return {
    [TRACEPARENT_HEADER]: `00-${span.traceId}-${span.spanId}-${flags}`,
    ...(state ? { [TRACESTATE_HEADER]: state } : {}),
  };
};

/** Returns the trace id; null without a trace. */
export const traceIdOf = (context: Context): string | null => {
  const span = trace.getSpanContext(context);
  return span !== undefined && isSpanContextValid(span) ? span.traceId : null;
};
