import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type Clock, systemClock } from '../core/clock.ts';
import { PartRecord } from './part-record.ts';
import { type OpenSpan, RequestRecord, type RequestTrace } from './request-trace.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';
import { traceHeaders, traceIdOf } from './trace-context.ts';

/** Scope of a span that may be exported. */
class SpanScope implements OpenSpan {
  readonly record: RequestRecord;
  readonly #tracer: Tracer;
  readonly #context: Context;
  /** The open span; undefined before the first span of a trace that begins here. */
  readonly #span: Span | undefined;

  constructor(record: RequestRecord, tracer: Tracer, context: Context) {
    this.record = record;
    this.#tracer = tracer;
    this.#context = context;
    this.#span = trace.getSpan(context);
  }

  get traceId(): string | null {
    return traceIdOf(this.#context);
  }

  // Computed on demand: most spans make no call.
  get headers(): Readonly<Record<string, string>> {
    return traceHeaders(this.#context);
  }

  get isRecording(): boolean {
    return this.#span?.isRecording() === true;
  }

  start(name: string, kind: SpanKind): OpenSpan {
    const span = this.#tracer.startSpan(name, { kind }, this.#context);
    return new SpanScope(this.record, this.#tracer, trace.setSpan(this.#context, span));
  }

  set(attributes: Attributes): void {
    this.#span?.setAttributes(attributes);
  }

  end(error?: string): void {
    // An ended span does not record.
    if (this.#span === undefined || !this.isRecording) return;
    // The status has no message, which may contain data of clients.
    if (error !== undefined) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }

  part(clock: Clock): OpenSpan {
    return new SpanScope(new PartRecord(this.record, clock), this.#tracer, this.#context);
  }
}

/** No-op span scope: one shared object for the whole trace, since nothing is recorded. */
class NoopSpanScope implements OpenSpan {
  readonly record: RequestRecord;
  readonly traceId: string | null;
  readonly isRecording = false;
  readonly #context: Context;
  #headers: Readonly<Record<string, string>> | null = null;

  constructor(record: RequestRecord, context: Context) {
    this.record = record;
    this.traceId = traceIdOf(context);
    this.#context = context;
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= traceHeaders(this.#context);
    return this.#headers;
  }

  start(): OpenSpan {
    return this;
  }

  set(): void {}

  end(): void {}

  part(clock: Clock): OpenSpan {
    return new NoopSpanScope(new PartRecord(this.record, clock), this.#context);
  }
}

/** Returns a request's trace before its first span. `context` holds the client's trace, if any. */
export const requestTrace = (telemetry: Telemetry, clock: Clock, context: Context): RequestTrace => {
  const record = new RequestRecord(telemetry, clock);
  return telemetry.tracer === null
    ? new NoopSpanScope(record, context)
    : new SpanScope(record, telemetry.tracer, context);
};

/** Returns the trace of a request without tracing. */
export const untraced = (clock: Clock = systemClock): RequestTrace => requestTrace(noTelemetry, clock, ROOT_CONTEXT);
