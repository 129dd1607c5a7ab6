import { type Attributes, SpanKind } from '@opentelemetry/api';
import { GatewayError, UpstreamError } from '../errors.ts';
import * as names from '../telemetry/names.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { Answer, Call, Layer, Send } from './call.ts';
import { verdictOn } from './classify.ts';
import { addressOf, portOf } from './endpoint.ts';
import type { Tools } from './events.ts';

/** What is known before anything is sent. Never the target: its path and query hold what clients asked for. */
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

/** How a failure is called. */
const outcomeOf = (error: unknown): string => (error instanceof GatewayError ? error.code : 'CANCELLED');

/** What became of a call. */
interface Outcome {
  /** `ok`, or the error's code. */
  readonly outcome: string;
  readonly status: number | null;
  readonly bytes: number;
}

const failed = (error: unknown): Outcome => ({
  outcome: outcomeOf(error),
  status: error instanceof UpstreamError ? error.status : null,
  bytes: 0,
});

const begin = (call: Call, request: RequestTrace) => {
  const { upstream, route, message } = call;
  const isRest = message.protocol === 'rest';
  const { record } = request;
  const span = request.start(route, SpanKind.CLIENT, described(call));
  const startedAt = record.callStarted(upstream);
  const end = ({ outcome, status, bytes }: Outcome): void => {
    const statusClass = isRest && status !== null ? `${Math.floor(status / 100)}xx` : null;
    record.callEnded({ upstream, route, outcome, statusClass, bytes }, startedAt);
    span.end({
      ...(outcome === OK ? {} : { error: outcome }),
      attributes: {
        ...(status === null
          ? {}
          : { [isRest ? names.ATTR_HTTP_RESPONSE_STATUS_CODE : names.ATTR_RPC_STATUS_CODE]: status }),
        ...(outcome === OK ? {} : { [names.ATTR_ERROR_TYPE]: outcome }),
      },
    });
  };
  return { span, end };
};

const observed = async (call: Call, request: RequestTrace, next: Send): Promise<Answer> => {
  const { span, end } = begin(call, request);
  try {
    const answer = await next({ ...call, request: span, headers: { ...call.headers, ...span.headers } });
    end({ outcome: OK, status: answer.status, bytes: answer.size });
    return answer;
  } catch (error) {
    end(failed(error));
    throw error;
  }
};

/**
 * One span and one measurement for each call, whatever happens to it further in, and the headers that let the upstream
 * continue the trace.
 */
export const observe: Layer = (next) => (call) =>
  call.request === null ? next(call) : observed(call, call.request, next);

/**
 * Notes where each attempt goes, and how it went. Belongs just above the wire: what never got there is no attempt.
 */
export const observeAttempt =
  ({ clock, report }: Pick<Tools, 'clock' | 'report'>): Layer =>
  (next) =>
  async (call) => {
    const { request, endpoint, route } = call;
    const address = call.member?.address ?? (endpoint === null ? '' : addressOf(endpoint));
    if (request !== null && endpoint !== null) {
      request.record.reached(address);
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
      const failed = !['success', 'nothing'].includes(verdictOn(error).is);
      report({ is: 'attempt', route, address, outcome: outcomeOf(error), failed, ms: clock.now() - since });
      throw error;
    }
  };
