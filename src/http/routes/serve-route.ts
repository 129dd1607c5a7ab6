import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import { ClientGoneError, GatewayError } from '../../core/errors.ts';
import { answerRules, applyRules, type HeaderRuleSet } from '../../graph/routes/header-rules.ts';
import type { PassedRequest, PassThroughRoute } from '../../graph/routes/pass-through-route.ts';
import type { FoundMatch } from '../../graph/routes/routes.ts';
import { rateLimitHeaders, retryAfter } from '../../rate-limit/headers.ts';
import type { Principal, RequestContext } from '../../request/request-context.ts';
import type { Answer } from '../../upstream/call.ts';
import { RawBody } from '../../upstream/rest/answer/raw-body.ts';
import { BodySourceError } from '../../upstream/stream/body-stream.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Identify } from '../graphql/authentication.ts';
import { mergeLimitHeaders } from '../graphql/client-limit.ts';
import { forwardable } from '../graphql/open-request-context.ts';
import type { ListenerConnections } from '../listener/connections.ts';
import { isStillArriving } from '../listener/lingering-close.ts';
import { badRequest } from '../listener/rejection.ts';
import { AnswerSink } from './answer-sink.ts';
import { IdleWatch } from './idle-watch.ts';
import { passedRequestBody, rejectUnsafeFraming } from './request-body.ts';
import { routeErrorBody, routeRejection } from './route-error.ts';

export interface ServeRouteOptions {
  readonly clock: Clock;
  readonly identify: Identify;
  /** Milliseconds from the arrival of a request without a body to the head of its answer. */
  readonly requestTimeoutMs: number;
  /** Maximum bytes of a body, for routes without `maxBytes`. */
  readonly maxBodyBytes: number;
  readonly connections: Pick<ListenerConnections, 'excuse'>;
}

/** Answers a request to a pass-through route. */
export type ServeRoute = (exchange: Exchange, found: FoundMatch) => void;

/** Milliseconds for which a client may go on sending after its answer. */
const LINGER_MS = 1_000;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const methodOf = ({ method }: IncomingMessage): PassedRequest['method'] =>
  METHODS.find((one) => one === method) ?? 'GET';

/** A request in flight: its context, and the limits of its time. */
class PassedExchange {
  readonly context: RequestContext;
  readonly watch: IdleWatch;
  readonly #own = new AbortController();

  constructor(exchange: Exchange, principal: Principal, route: PassThroughRoute, clock: Clock, firstMs: number) {
    const { signal } = this.#own;
    // Every attempt adds a listener. Older versions of Node warn above 10.
    setMaxListeners(0, signal);
    const { maxDurationMs } = route.settings;
    this.context = {
      requestId: exchange.id,
      principal,
      headers: forwardable(exchange.request.headers),
      clientAddress: exchange.client.address,
      connection: exchange.client,
      deadline: clock.now() + maxDurationMs,
      signal,
      trace: exchange.trace,
    };
    this.watch = new IdleWatch(clock, firstMs, this.context.deadline, (by) =>
      this.#own.abort(
        new GatewayError(
          'TIMEOUT',
          by === 'idle' ? 'Nothing was transferred for too long.' : `The request took longer than ${maxDurationMs} ms.`,
        ),
      ),
    );
    exchange.onEnd(() => {
      this.watch.stop();
      this.#own.abort(new ClientGoneError('The client closed its connection.'));
    });
    if (exchange.isOver) this.#own.abort(new ClientGoneError('The client closed its connection.'));
  }
}

const rules = new WeakMap<PassThroughRoute, HeaderRuleSet>();

const rulesOf = (route: PassThroughRoute): HeaderRuleSet => {
  const known = rules.get(route);
  if (known !== undefined) return known;
  const made = answerRules(route.settings.kind === 'pass' ? route.settings.responseHeaders : {});
  rules.set(route, made);
  return made;
};

const answerHeaders = (
  exchange: Exchange,
  route: PassThroughRoute,
  { headers }: Answer,
  body: RawBody,
): Record<string, string | readonly string[]> => {
  const passed: Record<string, string> = {};
  const applied = rulesOf(route);
  applyRules(applied, headers, passed);
  if (passed.location !== undefined) passed.location = route.locationFor(passed.location);
  const vary = exchange.headers.vary;
  if (vary !== undefined) passed.vary = passed.vary === undefined ? vary : `${vary}, ${passed.vary}`;
  mergeLimitHeaders(exchange.headers, passed);
  const all = { ...exchange.headers, ...passed };
  return applied.names.includes('set-cookie') && body.cookies.length > 0 ? { ...all, 'set-cookie': body.cookies } : all;
};

/** Reads the rest of a request whose answer is complete, for a moment, and then closes its connection. */
const endArriving = ({ request }: Exchange, clock: Clock): void => {
  if (!isStillArriving(request)) return;
  const timer = clock.after(LINGER_MS, () => request.destroy());
  request.once('close', () => timer.cancel()).resume();
};

const sendAnswer = (
  exchange: Exchange,
  { watch }: PassedExchange,
  route: PassThroughRoute,
  answer: Answer,
  clock: Clock,
): void => {
  const body = answer.value;
  if (!(body instanceof RawBody)) throw new Error(`${route.upstream}: the answer of a route has no raw body`);
  if (exchange.isOver) {
    body.cancel();
    return;
  }
  try {
    exchange.begin(answer.status, answerHeaders(exchange, route, answer, body));
  } catch (cause) {
    body.cancel();
    throw new GatewayError('UPSTREAM_BAD_RESPONSE', 'The answer has a header that cannot be sent.', { cause });
  }
  const whole = body.takeWhole();
  if (whole !== null) {
    watch.stop();
    exchange.bytes = whole.length;
    exchange.response.end(whole);
    endArriving(exchange, clock);
    return;
  }
  watch.limit(route.settings.idleTimeoutMs);
  exchange.response.flushHeaders();
  const done = () => {
    watch.stop();
    endArriving(exchange, clock);
  };
  body.pipe(new AnswerSink(exchange, body, () => watch.touch(), done));
};

const rejectionOfFailure = (error: unknown): unknown => {
  const failure = error instanceof BodySourceError ? error.cause : error;
  return failure instanceof GatewayError ? routeRejection(failure) : failure;
};

/** Counts a request against the limit of its route. @throws GatewayError RATE_LIMITED */
const countRequest = async (exchange: Exchange, route: PassThroughRoute, context: RequestContext): Promise<void> => {
  const counted = await route.count(context);
  if (counted === null) return;
  const limits: Record<string, string> = { ...rateLimitHeaders(counted) };
  mergeLimitHeaders(exchange.headers, limits);
  exchange.headers = { ...exchange.headers, ...limits };
  if (counted.isAdmitted) return;
  const details = { retryAfter: retryAfter(counted.window) };
  throw new GatewayError('RATE_LIMITED', 'Rate limit of this route exceeded.', { details });
};

/** Creates the handler of pass-through routes. Everything that the headers decide is decided before the body is read. */
export const serveRoute = (options: ServeRouteOptions): ServeRoute => {
  const { clock, identify, requestTimeoutMs, maxBodyBytes, connections } = options;

  const serve = async (exchange: Exchange, { route, variables, query }: FoundMatch): Promise<void> => {
    const { request } = exchange;
    const { settings } = route;
    if (settings.kind === 'websocket') throw badRequest('Use a WebSocket.');
    const maxBytes = settings.maxBytes ?? maxBodyBytes;
    rejectUnsafeFraming(request, maxBytes);
    const { principal } = await identify(exchange);
    const passed = new PassedExchange(exchange, principal, route, clock, requestTimeoutMs);
    const { context, watch } = passed;
    const refused = await route.authorize(context, variables);
    if (refused !== null) throw refused;
    await countRequest(exchange, route, context);
    const sent = passedRequestBody(request, maxBytes, () => watch.touch());
    if (sent !== null) {
      connections.excuse(request);
      watch.limit(settings.idleTimeoutMs);
    }
    const call = route.callFor(
      {
        method: methodOf(request),
        variables,
        query,
        headers: request.headers,
        body: sent?.body ?? null,
        length: sent?.length ?? null,
      },
      context,
    );
    sendAnswer(exchange, passed, route, await route.send(call), clock);
  };

  return (exchange, found) => {
    exchange.bodyOf = routeErrorBody;
    serve(exchange, found).catch((error) => exchange.reject(rejectionOfFailure(error)));
  };
};
