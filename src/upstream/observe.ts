import { type Attributes, SpanKind } from '@opentelemetry/api';
import { GatewayError, UpstreamError } from '../errors.ts';
import * as names from '../telemetry/names.ts';
import type { RequestTrace } from '../telemetry/request-trace.ts';
import type { Answer, Call, Layer, Send } from './call.ts';
import { addressOf, portOf } from './endpoint.ts';

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

/** What became of a call. */
interface Outcome {
  /** `ok`, or the error's code. */
  readonly outcome: string;
  readonly status: number | null;
  readonly bytes: number;
}

const failed = (error: unknown): Outcome => ({
  outcome: error instanceof GatewayError ? error.code : 'CANCELLED',
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

/** Notes which endpoint a call goes to. Belongs below whatever chooses one. */
export const observeEndpoint: Layer = (next) => (call) => {
  const { request, endpoint } = call;
  if (request !== null && endpoint !== null) {
    request.record.reached(addressOf(endpoint));
    request.set({ [names.ATTR_SERVER_ADDRESS]: endpoint.url.hostname, [names.ATTR_SERVER_PORT]: portOf(endpoint) });
  }
  return next(call);
};
