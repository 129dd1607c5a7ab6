import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { GatewayPort, GraphQLParams, GraphQLResult } from '../../graph/gateway-port.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { countedNow } from '../limits/exchange-limits.ts';
import { mergeLimitHeaders } from '../limits/limited-identification.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import type { Authenticated, Identify } from './authentication.ts';
import { batchAnswer } from './batch/batch-answer.ts';
import { paramsOfBatch } from './batch/batch-params.ts';
import { type BatchRun, executeBatch } from './batch/execute-batch.ts';
import { openBatch } from './batch/open-batch.ts';
import { answerContentType, contentTypeFor } from './content-negotiation.ts';
import { parseBody, receiveBody, requireJsonBody } from './json-body.ts';
import type { HeldMemory, MemoryInFlight } from './memory-in-flight.ts';
import { openRequestContext, withDeadline } from './open-request-context.ts';
import { rejectForgedRequests } from './reject-forged-requests.ts';
import { rejectSubscriptions } from './reject-subscriptions.ts';
import { paramsOfBody, paramsOfSearch, searchOf } from './request-params.ts';
import { isLongerThan, responseText, tooLongResult } from './response-text.ts';
import { noteRefusal, validStatus } from './result-status.ts';

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
  /** Maximum number of operations in a batch; 0 for no batches. */
  readonly maxBatchOperations: number;
}

/** Answers a GET or POST to /graphql. */
export type ServeGraphQL = (exchange: Exchange) => void;

/** A line break after data, for terminals. */
const lineBreakAfter = ({ data }: GraphQLResult): string => (data === undefined ? '' : '\n');

const RETRY_AFTER_S = '1';

const overloaded = (): RejectedError =>
  new RejectedError(rejection('OVERLOADED', '', { headers: { 'retry-after': RETRY_AFTER_S } }));

/** Holds the memory of a response, as text and as bytes, until the client has read it. @throws RejectedError 503 if there is no room */
const holdResponse = ({ response }: Exchange, memory: HeldMemory, body: string): void => {
  if (!memory.reads(2 * body.length, () => response.destroy())) throw overloaded();
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
  noteRefusal(exchange.trace.record, status, errors);
  holdResponse(exchange, memory, body);
  const own: Record<string, string> = { 'cache-control': 'no-store' };
  for (const [name, value] of headers) own[name] = value;
  own['content-type'] ??= contentTypeFor(exchange.request.headers);
  mergeLimitHeaders(exchange.headers, own);
  exchange.answer(status, own, body, lineBreakAfter(result));
};

/** The parameters of a request with one operation, or of a batch; the number of bytes of its body. */
type Received = { readonly bodyBytes: number } & (
  | { readonly is: 'operation'; readonly params: GraphQLParams }
  | { readonly is: 'batch'; readonly params: readonly GraphQLParams[] }
);

const oneOperation = (params: GraphQLParams, bodyBytes: number): Received => {
  rejectSubscriptions(params);
  return { is: 'operation', params, bodyBytes };
};

/** Reads the parameters of a request. Rejects with a RejectedError. */
const receiveParams = async (
  { request }: Exchange,
  { maxBodyBytes, maxBatchOperations }: GraphQLRouteOptions,
): Promise<Received> => {
  const { method, url = '', headers } = request;
  if (method === 'GET') return oneOperation(paramsOfSearch(searchOf(url)), 0);
  if (headers['content-type'] === undefined) return oneOperation(paramsOfBody(undefined), 0);
  const bytes = await receiveBody(request, maxBodyBytes);
  const body = parseBody(bytes);
  if (!Array.isArray(body)) return oneOperation(paramsOfBody(body), bytes.length);
  return { is: 'batch', params: paramsOfBatch(body, maxBatchOperations), bodyBytes: bytes.length };
};

/** Reserves memory in flight for a request until its response is sent. @throws RejectedError 503 */
const admitted = (memory: MemoryInFlight, exchange: Exchange, bodyBytes: number): HeldMemory => {
  const held = memory.admit(bodyBytes);
  if (held === null) throw overloaded();
  exchange.onEnd(() => held.release());
  return held;
};

/** Executes a batch of operations and sends its response. Rejects with a RejectedError. */
const runBatch = async (
  exchange: Exchange,
  params: readonly GraphQLParams[],
  run: Omit<BatchRun, 'memory'> & { readonly memory: HeldMemory },
): Promise<void> => {
  const { memory } = run;
  const batch = openBatch(exchange, params.length, run.clock);
  const answers = await executeBatch(batch, params, run);
  if (answers === null) return;
  if (memory.isEnded) throw overloaded();
  const { status, headers, body } = batchAnswer(answers, batch, exchange.request.headers);
  holdResponse(exchange, memory, body);
  exchange.answer(status, headers, body, '\n');
};

const run = async (
  exchange: Exchange,
  { tookMs, ...caller }: Authenticated,
  received: Received,
  { gateway, clock, memory, requestTimeoutMs, maxResponseBytes }: GraphQLRouteOptions,
): Promise<void> => {
  const held = admitted(memory, exchange, received.bodyBytes);
  const { context, end, release } = openRequestContext(
    exchange,
    { ...caller, memory: held },
    clock,
    requestTimeoutMs - tookMs,
  );
  held.onEnd(end);
  try {
    if (received.is === 'batch') {
      await runBatch(exchange, received.params, { gateway, clock, context, memory: held, maxResponseBytes });
      return;
    }
    const outcome = await withDeadline(gateway.execute(received.params, context), context.signal, clock);
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
  const { identify, memory } = options;

  const serve = async (exchange: Exchange): Promise<void> => {
    const { headers } = exchange.request;
    answerContentType(headers.accept);
    requireJsonBody(headers);
    const authenticated = await identify(exchange);
    if (!memory.hasRoom()) throw overloaded();
    const received = await receiveParams(exchange, options);
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
