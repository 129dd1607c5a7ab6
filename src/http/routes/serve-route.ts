import type { IncomingMessage } from 'node:http';
import { setsOwnCookie } from '../../auth/sessions/session-cookies.ts';
import { ReceivedBuffers } from '../../core/buffer-memory.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { StoredAnswer } from '../../graph/routes/answer-cache.ts';
import type { PassedRequest, PassThroughRoute } from '../../graph/routes/pass-through-route.ts';
import { makePrivate } from '../../graph/routes/private-answer.ts';
import type { FoundMatch } from '../../graph/routes/routes.ts';
import type { Answer } from '../../upstream/call.ts';
import { RawBody } from '../../upstream/rest/answer/raw-body.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Identify, VerifyAgain } from '../graphql/authentication.ts';
import { mergeLimitHeaders } from '../limits/limited-identification.ts';
import type { ListenerConnections } from '../listener/connections.ts';
import { isStillArriving } from '../listener/lingering-close.ts';
import { badRequest } from '../listener/rejection.ts';
import { AnswerSink } from './answer-sink.ts';
import { type CachePlace, lookUp, statusForClient, storing } from './cached-answer.ts';
import { ClientPlaces } from './client-places.ts';
import { admitRequest, PassedExchange, receivedHeaders, rejectionOfFailure, takePlace } from './passed-exchange.ts';
import { passedRequestBody, rejectUnsafeFraming } from './request-body.ts';
import { routeErrorBody } from './route-error.ts';

export interface ServeRouteOptions {
  readonly clock: Clock;
  readonly identify: Identify;
  readonly verifyAgain: VerifyAgain;
  /** Milliseconds from the arrival of a request without a body to the head of its answer. */
  readonly requestTimeoutMs: number;
  /** Maximum bytes of a body, for routes without `maxBytes`. */
  readonly maxBodyBytes: number;
  readonly connections: Pick<ListenerConnections, 'excused'>;
  /** Maximum number of requests in flight of one user, or of one network of anonymous clients. Default: 100. */
  readonly requestsPerClient?: number | undefined;
}

const DEFAULT_REQUESTS_PER_CLIENT = 100;

/** Answers a request to a pass-through route. */
export type ServeRoute = (exchange: Exchange, found: FoundMatch) => void;

/** Milliseconds for which a client may go on sending after its answer. */
const LINGER_MS = 1_000;

const NO_CONTENT = 204;
const NOT_MODIFIED = 304;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const methodOf = ({ method }: IncomingMessage): PassedRequest['method'] =>
  METHODS.find((one) => one === method) ?? 'GET';

const answerHeaders = (
  exchange: Exchange,
  route: PassThroughRoute,
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
  ofBackend: readonly string[] = [],
): Record<string, string | readonly string[]> => {
  const passed = route.answerHeaders(headers);
  // RFC 9110, 8.6: neither has a body, and clients may wait for one of this length.
  if (status === NO_CONTENT || status === NOT_MODIFIED) delete passed['content-length'];
  for (const vary of [route.vary, exchange.headers.vary])
    if (vary !== undefined) passed.vary = passed.vary === undefined ? vary : `${vary}, ${passed.vary}`;
  if (exchange.principal.kind !== 'anonymous' || !route.isPublic) makePrivate(passed);
  mergeLimitHeaders(exchange.headers, passed);
  const all = { ...exchange.headers, ...passed };
  // A backend must not replace the session of a browser by another one.
  const cookies = ofBackend.filter((cookie) => !setsOwnCookie(cookie));
  return route.passesCookies && cookies.length > 0 ? { ...all, 'set-cookie': cookies } : all;
};

/** Reads the rest of an answered request for a moment, and then closes its connection. */
const endArriving = ({ request }: Exchange, clock: Clock): void => {
  if (!isStillArriving(request)) return;
  const timer = clock.after(LINGER_MS, () => request.destroy());
  request.once('close', () => timer.cancel()).resume();
};

/** False for answers with a length that is not that of their body. */
const hasLength = ({ request }: Exchange, status: number): boolean =>
  request.method !== 'HEAD' && status !== NO_CONTENT && status !== NOT_MODIFIED;

const rawBodyOf = ({ value }: Answer, { upstream }: PassThroughRoute): RawBody => {
  if (value instanceof RawBody) return value;
  throw new Error(`${upstream}: the answer of a route has no raw body`);
};

/** An answer with what is known of its request. */
interface Passing {
  readonly exchange: Exchange;
  readonly passed: PassedExchange;
  readonly route: PassThroughRoute;
  readonly place: CachePlace | null;
  readonly clock: Clock;
  readonly verifyAgain: VerifyAgain;
}

const EVENT_STREAM = /^text\/event-stream(?:;|$)/i;

/** Sends a body that is complete. The client must take it within the idle time of the route. */
const sendWhole = ({ exchange, passed, route }: Pick<Passing, 'exchange' | 'passed' | 'route'>, body: Buffer): void => {
  passed.complete(route.settings.idleTimeoutMs);
  exchange.bytes = body.length;
  exchange.response.end(body);
};

const sendAnswer = ({ exchange, passed, route, place, clock, verifyAgain }: Passing, answer: Answer): void => {
  const { watch } = passed;
  const { status, headers } = answer;
  const body = rawBodyOf(answer, route);
  if (exchange.isOver) {
    body.cancel();
    return;
  }
  const whole = body.takeWhole();
  const sent = answerHeaders(exchange, route, answer, body.cookies);
  if (whole !== null && hasLength(exchange, status)) sent['content-length'] = String(whole.length);
  try {
    exchange.begin(status, sent);
  } catch (cause) {
    body.cancel();
    throw new GatewayError('UPSTREAM_BAD_RESPONSE', 'The answer has a header that cannot be sent.', { cause });
  }
  const kept = place?.cache.mayStore(status, headers) === true && body.cookies.length === 0 ? place : null;
  if (whole !== null) {
    sendWhole({ exchange, passed, route }, whole);
    endArriving(exchange, clock);
    kept?.cache.write(kept.key, status, headers, whole);
    return;
  }
  watch.limit(route.settings.idleTimeoutMs);
  // A file may be completed after its token has expired; events are further answers.
  passed.watchCredential({ clock, verifyAgain }, !EVENT_STREAM.test(headers['content-type'] ?? ''));
  // Of a stream without an end, the client waits for the head. Any other head is sent with the first bytes.
  if (headers['content-length'] === undefined) exchange.response.flushHeaders();
  const done = () => {
    passed.complete(route.settings.idleTimeoutMs);
    endArriving(exchange, clock);
  };
  const buffers = kept === null && body.ownsBuffers ? new ReceivedBuffers() : null;
  const sink = new AnswerSink(exchange, body, () => watch.touch(), done, buffers);
  body.pipe(kept === null ? sink : storing(sink, kept, answer));
};

const sendStored = (
  { exchange, passed, route }: Pick<Passing, 'exchange' | 'passed' | 'route'>,
  stored: StoredAnswer,
): void => {
  const status = statusForClient(exchange, stored);
  const body = status === NOT_MODIFIED ? Buffer.alloc(0) : stored.body;
  const headers = answerHeaders(exchange, route, { status, headers: stored.headers });
  headers.age = String(stored.age);
  if (hasLength(exchange, status)) headers['content-length'] = String(body.length);
  exchange.begin(status, headers);
  sendWhole({ exchange, passed, route }, body);
};

/** Creates the handler of pass-through routes. Everything that the headers decide is decided before the body is read. */
export const serveRoute = (options: ServeRouteOptions): ServeRoute => {
  const { clock, identify, verifyAgain, requestTimeoutMs, maxBodyBytes, connections, requestsPerClient } = options;
  const places = new ClientPlaces(requestsPerClient ?? DEFAULT_REQUESTS_PER_CLIENT);

  const serve = async (exchange: Exchange, { route, variables, query }: FoundMatch): Promise<void> => {
    const { request } = exchange;
    const { settings } = route;
    if (settings.kind === 'websocket') throw badRequest('Use a WebSocket.');
    const maxBytes = settings.maxBytes ?? maxBodyBytes;
    rejectUnsafeFraming(request, maxBytes);
    const caller = await identify(exchange);
    takePlace(exchange, caller.principal, places);
    const passed = new PassedExchange(exchange, caller, route, clock, requestTimeoutMs);
    const { context, watch } = passed;
    if (!route.isOpen) await admitRequest(exchange, route, context, variables);
    const sent = passedRequestBody(request, maxBytes, () => watch.touch());
    if (sent !== null) {
      connections.excused.add(request);
      watch.limit(settings.idleTimeoutMs);
      passed.watchCredential({ clock, verifyAgain }, true);
    }
    const call = route.callFor(
      {
        method: methodOf(request),
        variables,
        query,
        headers: receivedHeaders(exchange),
        body: sent?.body ?? null,
        length: sent?.length ?? null,
      },
      context,
    );
    const place = route.cache === null ? null : await lookUp(exchange, route.cache, route, call);
    if (place?.stored) sendStored({ exchange, passed, route }, place.stored);
    else sendAnswer({ exchange, passed, route, place, clock, verifyAgain }, await route.send(call));
  };

  return (exchange, found) => {
    exchange.bodyOf = routeErrorBody;
    serve(exchange, found).catch((error) => exchange.reject(rejectionOfFailure(error)));
  };
};
