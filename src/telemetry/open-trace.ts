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
import { type Clock, systemClock } from '../clock.ts';
import { type OpenSpan, RequestRecord, type RequestTrace } from './request-trace.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';
import { traceHeaders, traceIdOf } from './trace-context.ts';

/** A place in a trace whose spans somebody may collect. */
class Place implements OpenSpan {
  readonly record: RequestRecord;
  readonly #tracer: Tracer;
  readonly #context: Context;
  /** What is open here; undefined before the first span of a trace that begins with us. */
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

  // Made when asked for: most spans are never sent on.
  get headers(): Readonly<Record<string, string>> {
    return traceHeaders(this.#context);
  }

  get isRecording(): boolean {
    return this.#span?.isRecording() === true;
  }

  start(name: string, kind: SpanKind): OpenSpan {
    const span = this.#tracer.startSpan(name, { kind }, this.#context);
    return new Place(this.record, this.#tracer, trace.setSpan(this.#context, span));
  }

  set(attributes: Attributes): void {
    this.#span?.setAttributes(attributes);
  }

  end(error?: string): void {
    // What has ended does not record any more.
    if (this.#span === undefined || !this.isRecording) return;
    // Without a message: what errors say may be what clients sent.
    if (error !== undefined) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}

/** All places of a trace that nobody collects here: nothing tells one from another, so that one object is all of them. */
class EveryPlace implements OpenSpan {
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
}

/** A request's trace, before its first span. `context` holds the trace that the client has begun, if any. */
export const requestTrace = (telemetry: Telemetry, clock: Clock, context: Context): RequestTrace => {
  const record = new RequestRecord(telemetry, clock);
  return telemetry.tracer === null ? new EveryPlace(record, context) : new Place(record, telemetry.tracer, context);
};

/** The trace of a request that nobody traces. */
export const untraced = (clock: Clock = systemClock): RequestTrace => requestTrace(noTelemetry, clock, ROOT_CONTEXT);
