import type { FastifyInstance } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { GatewayPort, GraphQLParams, GraphQLResult } from '../../graph/gateway-port.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { countedNow } from '../limits/exchange-limits.ts';
import { mergeLimitHeaders } from '../limits/limited-identification.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import type { Authenticated, Identify } from './authentication.ts';
import { answerContentType, contentTypeFor } from './content-negotiation.ts';
import { parseBody, receiveBody, requireJsonBody } from './json-body.ts';
import type { HeldMemory, MemoryInFlight } from './memory-in-flight.ts';
import { openRequestContext, withDeadline } from './open-request-context.ts';
import { rejectForgedRequests } from './reject-forged-requests.ts';
import { rejectSubscriptions } from './reject-subscriptions.ts';
import { paramsOfBody, paramsOfSearch, searchOf } from './request-params.ts';
import { isLongerThan, responseText, tooLongResult } from './response-text.ts';

export const GRAPHQL_PATH = '/graphql';

export interface GraphQLRouteOptions {
  readonly gateway: GatewayPort;
  readonly clock: Clock;
  readonly identify: Identify;
  readonly memory: MemoryInFlight;
  /** Milliseconds from the end of receiving a request to its response, including the verification of its credential. */
  readonly requestTimeoutMs: number;
  /** Maximum bytes of a request body. */
  readonly maxBodyBytes: number;
  /** Maximum bytes of the text of a response. */
  readonly maxResponseBytes: number;
}

/** Answers a GET or POST to /graphql. */
export type ServeGraphQL = (exchange: Exchange) => void;

// Statuses that forbid a body or redirect the client are invalid for a GraphQL response.
const validStatus = (status: number | undefined): number =>
  status !== undefined && Number.isInteger(status) && status >= 400 && status <= 599 ? status : 200;

/** A line break after data, for terminals. */
const lineBreakAfter = ({ data }: GraphQLResult): string => (data === undefined ? '' : '\n');

const RETRY_AFTER_S = '1';

const overloaded = (): RejectedError =>
  new RejectedError(rejection('OVERLOADED', '', { headers: { 'retry-after': RETRY_AFTER_S } }));

/** Records the error codes of a response that was rejected before execution, unless codes are already recorded. */
const noteRefusal = ({ trace }: Exchange, status: number, errors: readonly GraphQLFormattedError[]): void => {
  const { record } = trace;
  if (status < 400 || record.errorCodes.length > 0) return;
  for (const { extensions } of errors) record.failed(String(extensions?.code ?? 'INTERNAL_SERVER_ERROR'));
};

/** @throws RejectedError 503 if the response has no room */
const send = (exchange: Exchange, result: GraphQLResult, memory: HeldMemory, maxBytes: number): void => {
  const { errors = [], headers } = result;
  const status = validStatus(result.status);
  const body = responseText(result);
  if (isLongerThan(body, maxBytes)) {
    exchange.trace.record.failed('COST_LIMIT');
    send(exchange, tooLongResult(result, maxBytes, exchange.id), memory, Number.POSITIVE_INFINITY);
    return;
  }
  noteRefusal(exchange, status, errors);
  // The response is held as text and as bytes until the client has read it.
  if (!memory.reads(2 * body.length, () => exchange.response.destroy())) throw overloaded();
  const own: Record<string, string> = { 'cache-control': 'no-store' };
  for (const [name, value] of headers) own[name] = value;
  own['content-type'] ??= contentTypeFor(exchange.request.headers);
  mergeLimitHeaders(exchange.headers, own);
  exchange.answer(status, own, body, lineBreakAfter(result));
};

/** Reads the parameters of a request, and the number of bytes of its body. Rejects with a RejectedError. */
const receiveParams = async (
  { request }: Exchange,
  maxBodyBytes: number,
): Promise<{ readonly params: GraphQLParams; readonly bodyBytes: number }> => {
  const { method, url = '', headers } = request;
  if (method === 'GET') return { params: paramsOfSearch(searchOf(url)), bodyBytes: 0 };
  if (headers['content-type'] === undefined) return { params: paramsOfBody(undefined), bodyBytes: 0 };
  const body = await receiveBody(request, maxBodyBytes);
  return { params: paramsOfBody(parseBody(body)), bodyBytes: body.length };
};

/** Reserves memory in flight for a request until its response is sent. @throws RejectedError 503 */
const admitted = (memory: MemoryInFlight, exchange: Exchange, bodyBytes: number): HeldMemory => {
  const held = memory.admit(bodyBytes);
  if (held === null) throw overloaded();
  exchange.onEnd(() => held.release());
  return held;
};

const run = async (
  exchange: Exchange,
  { tookMs, ...caller }: Authenticated,
  { params, bodyBytes }: Awaited<ReturnType<typeof receiveParams>>,
  { gateway, clock, memory, requestTimeoutMs, maxResponseBytes }: GraphQLRouteOptions,
): Promise<void> => {
  const held = admitted(memory, exchange, bodyBytes);
  const { context, end, release } = openRequestContext(
    exchange,
    { ...caller, memory: held },
    clock,
    requestTimeoutMs - tookMs,
  );
  held.onEnd(end);
  try {
    const outcome = await withDeadline(gateway.execute(params, context), context.signal, clock);
    if (held.isEnded && outcome.is !== 'gone') throw overloaded();
    // An operation above a limit has a result, too.
    if (outcome.is === 'answered' && context.limits !== undefined) await countedNow(exchange);
    exchange.rules?.check();
    if (outcome.is === 'answered') send(exchange, outcome.answer, held, maxResponseBytes);
    else if (outcome.is === 'late') throw new GatewayError('TIMEOUT', 'The request had no result at its deadline.');
  } finally {
    release();
  }
};

/** Rejects a request. One without an operation counts, too; above a limit it is rejected for that. */
const rejectCounted = async (exchange: Exchange, error: unknown): Promise<void> => {
  try {
    if (exchange.limits?.isCounted === false) await countedNow(exchange);
    exchange.reject(error);
  } catch (above) {
    exchange.reject(above);
  }
};

/** Creates the handler of /graphql. Headers are checked before the body is read. */
export const serveGraphQL = (options: GraphQLRouteOptions): ServeGraphQL => {
  const { identify, memory, maxBodyBytes } = options;

  const serve = async (exchange: Exchange): Promise<void> => {
    const { headers } = exchange.request;
    answerContentType(headers.accept);
    requireJsonBody(headers);
    const authenticated = await identify(exchange);
    if (!memory.hasRoom()) throw overloaded();
    const received = await receiveParams(exchange, maxBodyBytes);
    rejectSubscriptions(received.params);
    rejectForgedRequests(headers);
    await run(exchange, authenticated, received, options);
  };
  return (exchange) => void serve(exchange).catch((error) => rejectCounted(exchange, error));
};

/** Adds GET and POST /graphql. */
export const addGraphQLRoute = (app: FastifyInstance, serve: ServeGraphQL): void => {
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    // Before Fastify reads the body.
    onRequest: (request, reply) => {
      reply.hijack();
      serve(request.exchange);
    },
    handler: () => {},
  });
};
