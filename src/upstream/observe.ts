import { type Attributes, SpanKind } from '@opentelemetry/api';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import * as names from '../telemetry/names.ts';
import type { OpenSpan, RequestTrace } from '../telemetry/request-trace.ts';
import { type Answer, type Call, copyOf, type Layer, type Send } from './call.ts';
import { addressOf, portOf } from './endpoints/endpoint.ts';
import type { LayerDependencies } from './events.ts';
import { reportsDenied } from './operations/denied.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** Span attributes known before the call is sent. Never the target: its path and query contain values of clients. */
const described = ({ upstream, route, message }: Call): Attributes => ({
  [names.ATTR_UPSTREAM]: upstream,
  [names.ATTR_ROUTE]: route,
  ...(message.protocol === 'rest'
    ? {
        [names.ATTR_NETWORK_PROTOCOL_NAME]: 'http',
        [names.ATTR_HTTP_REQUEST_METHOD]: message.method,
        [names.ATTR_URL_TEMPLATE]: route.slice(route.indexOf(' ') + 1),
      }
    : { [names.ATTR_NETWORK_PROTOCOL_NAME]: 'http', [names.ATTR_RPC_SYSTEM]: 'grpc', [names.ATTR_RPC_METHOD]: route }),
});

const OK = 'ok';
const COUNTS_AGAINST: ReadonlySet<Outcome['is']> = new Set<Outcome['is']>(['error', 'failure', 'throttled']);

/** Outcome label of a failure: its error code. */
const labelOf = (error: unknown): string => (error instanceof GatewayError ? error.code : 'CANCELLED');

const statusOf = (error: unknown): number | null => (error instanceof UpstreamError ? error.status : null);

/** A call in flight with its span. */
class Observed {
  readonly #call: Call;
  readonly #span: OpenSpan;
  readonly #startedAt: number;

  constructor(call: Call, request: RequestTrace) {
    this.#call = call;
    this.#span = request.start(call.route, SpanKind.CLIENT);
    if (this.#span.isRecording) this.#span.set(described(call));
    this.#startedAt = request.record.callStarted(call.upstream);
  }

  /** The call to send: with its own span as the parent, and trace headers. */
  sent(): Call {
    const sent = copyOf(this.#call);
    sent.request = this.#span;
    if (this.#span.traceId !== null) sent.headers = { ...sent.headers, ...this.#span.headers };
    return sent;
  }

  end(outcome: string, status: number | null, bytes: number): void {
    const { upstream, route, message } = this.#call;
    const isRest = message.protocol === 'rest';
    const statusClass = isRest && status !== null ? `${Math.floor(status / 100)}xx` : null;
    this.#span.record.callEnded({ upstream, route, outcome, statusClass, bytes }, this.#startedAt);
    if (this.#span.isRecording) {
      const name = isRest ? names.ATTR_HTTP_RESPONSE_STATUS_CODE : names.ATTR_RPC_STATUS_CODE;
      if (status !== null) this.#span.set({ [name]: status });
      if (outcome !== OK) this.#span.set({ [names.ATTR_ERROR_TYPE]: outcome });
    }
    this.#span.end(outcome === OK ? undefined : outcome);
  }
}

const send = async (call: Call, request: RequestTrace, next: Send): Promise<Answer> => {
  const observed = new Observed(call, request);
  try {
    const answer = await next(observed.sent());
    observed.end(OK, answer.status, answer.size);
    return answer;
  } catch (error) {
    observed.end(labelOf(error), statusOf(error), 0);
    throw error;
  }
};

/** Records one span and one measurement for each call, and adds the trace headers. */
export const observe: Layer = (next) => (call) => (call.request === null ? next(call) : send(call, call.request, next));

/**
 * Reports the endpoint and the outcome of each attempt. Must be the layer next to the transport, so that calls that
 * were never sent are not counted as attempts.
 */
export const observeAttempt = ({ clock, report }: Pick<LayerDependencies, 'clock' | 'report'>): Layer => {
  const reportDenied = reportsDenied({ clock, report });
  return (next) => async (call) => {
    const { request, endpoint, route } = call;
    const address = call.member?.address ?? (endpoint === null ? '' : addressOf(endpoint));
    if (request !== null && endpoint !== null) {
      request.record.reached(address);
      if (request.isRecording)
        request.set({
          [names.ATTR_SERVER_ADDRESS]: endpoint.url.hostname,
          [names.ATTR_SERVER_PORT]: portOf(endpoint),
          ...(call.attempt > 1 && { [names.ATTR_RESEND_COUNT]: call.attempt - 1 }),
        });
    }
    const since = clock.now();
    try {
      const answer = await next(call);
      report({ is: 'attempt', route, address, outcome: OK, failed: false, ms: clock.now() - since });
      return answer;
    } catch (error) {
      const failed = COUNTS_AGAINST.has(outcomeOf(error, call).is);
      reportDenied(error);
      report({ is: 'attempt', route, address, outcome: labelOf(error), failed, ms: clock.now() - since });
      throw error;
    }
  };
};
