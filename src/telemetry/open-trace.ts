import { type Context, ROOT_CONTEXT, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { type Clock, systemClock } from '../clock.ts';
import { type OpenSpan, RequestRecord, type RequestTrace } from './request-trace.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';
import { traceHeaders, traceIdOf } from './trace-context.ts';

const placeAt = (tracer: Tracer, record: RequestRecord, context: Context): RequestTrace => ({
  record,
  context,
  get traceId() {
    return traceIdOf(context);
  },
  get headers() {
    return traceHeaders(context);
  },
  set: (attributes) => void trace.getSpan(context)?.setAttributes(attributes),
  start: (name, kind, attributes) => {
    const span = tracer.startSpan(name, { kind, attributes }, context);
    return openSpan(span, placeAt(tracer, record, trace.setSpan(context, span)));
  },
});

const openSpan = (span: Span, place: RequestTrace): OpenSpan => {
  let open = true;
  return {
    record: place.record,
    context: place.context,
    traceId: place.traceId,
    // Read late: most spans are never sent on.
    get headers() {
      return place.headers;
    },
    start: place.start,
    set: place.set,
    end: ({ error, attributes } = {}) => {
      if (!open) return;
      open = false;
      if (attributes !== undefined) span.setAttributes(attributes);
      // Without a message: what errors say may be what clients sent.
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
};

/** A request's trace, before its first span. `context` holds the trace that the client has begun, if any. */
export const requestTrace = (telemetry: Telemetry, clock: Clock, context: Context): RequestTrace =>
  placeAt(telemetry.tracer, new RequestRecord(telemetry, clock), context);

/** The trace of a request that nobody traces. */
export const untraced = (clock: Clock = systemClock): RequestTrace => requestTrace(noTelemetry, clock, ROOT_CONTEXT);
