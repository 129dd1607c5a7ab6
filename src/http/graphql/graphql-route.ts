import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import type { GatewayPort, GraphQLResult } from '../../graph/gateway-port.ts';
import { noteRefusal } from '../access/observe-requests.ts';
import { RejectedError, rejection } from '../listener/rejection.ts';
import { authenticatedIn, authentication } from './authentication.ts';
import { type ClientLimit, clientLimit, mergeLimitHeaders } from './client-limit.ts';
import { answerContentType, contentTypeFor } from './content-negotiation.ts';
import { readJsonBodies, requireJsonBody } from './json-body.ts';
import type { HeldMemory, MemoryInFlight } from './memory-in-flight.ts';
import { openRequestContext, withDeadline } from './open-request-context.ts';
import { rejectForgedRequests } from './reject-forged-requests.ts';
import { rejectSubscriptions } from './reject-subscriptions.ts';
import { parseParams } from './request-params.ts';

export const GRAPHQL_PATH = '/graphql';

export interface GraphQLRouteOptions {
  readonly gateway: GatewayPort;
  readonly clock: Clock;
  readonly authenticator: Authenticator;
  /** Default: none. */
  readonly clientLimit?: ClientLimit | undefined;
  readonly memory: MemoryInFlight;
  /** Milliseconds from the end of receiving a request to its response, including the verification of its credential. */
  readonly requestTimeoutMs: number;
}

// Statuses that forbid a body or redirect the client are invalid for a GraphQL response.
const validStatus = (status: number | undefined): number =>
  status !== undefined && Number.isInteger(status) && status >= 400 && status <= 599 ? status : 200;

const bodyOf = ({ errors, data, extensions }: GraphQLResult): string => {
  const json = JSON.stringify({ errors, data, extensions });
  // A line break after data, for terminals.
  return data === undefined ? json : `${json}\n`;
};

const RETRY_AFTER_S = '1';

const overloaded = (): RejectedError =>
  new RejectedError(rejection('OVERLOADED', '', { headers: { 'retry-after': RETRY_AFTER_S } }));

/** @throws RejectedError 503 if the response has no room */
const send = (reply: FastifyReply, result: GraphQLResult, memory: HeldMemory): FastifyReply => {
  const { request } = reply;
  const { errors = [], headers } = result;
  const status = validStatus(result.status);
  const body = bodyOf(result);
  noteRefusal(request, status, errors);
  // The response is held as text and as bytes until the client has read it.
  if (!memory.reads(2 * body.length, () => reply.raw.destroy())) throw overloaded();
  return reply
    .code(status)
    .headers({
      'cache-control': 'no-store',
      ...Object.fromEntries(headers),
      'content-type': headers.get('content-type') ?? contentTypeFor(request),
      ...mergeLimitHeaders(reply, headers),
    })
    .send(body);
};

declare module 'fastify' {
  interface FastifyRequest {
    memory?: HeldMemory;
  }
}

/** Rejects a request before its body is read if the memory in flight has no room. */
const requireRoom =
  (memory: MemoryInFlight): onRequestHookHandler =>
  (_request, _reply, done) => {
    if (!memory.hasRoom()) throw overloaded();
    done();
  };

/** Reserves memory in flight for a request until its response is sent. @throws RejectedError 503 */
const admitted = (memory: MemoryInFlight, request: FastifyRequest, reply: FastifyReply): HeldMemory => {
  const held = memory.admit(request.bodyBytes ?? 0);
  if (held === null) throw overloaded();
  request.memory = held;
  reply.raw.once('close', () => held.release());
  return held;
};

const handler =
  ({ gateway, clock, memory, requestTimeoutMs }: GraphQLRouteOptions) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const params = parseParams(request);
    rejectSubscriptions(params);
    rejectForgedRequests(request);
    const held = admitted(memory, request, reply);
    const { context, end, release } = openRequestContext(request, clock, requestTimeoutMs - authenticatedIn(request));
    held.onEnd(end);
    try {
      const outcome = await withDeadline(gateway.execute(params, context), context.signal, clock);
      if (held.isEnded && outcome.is !== 'gone') throw overloaded();
      switch (outcome.is) {
        case 'answered':
          return send(reply, outcome.answer, held);
        case 'late':
          throw new GatewayError('TIMEOUT', 'The request had no result at its deadline.');
        case 'gone':
          return reply.hijack();
      }
    } finally {
      release();
    }
  };

const requireAnswerType: onRequestHookHandler = (request, _reply, done) => {
  answerContentType(request.headers.accept);
  done();
};

/** Adds GET and POST /graphql. Headers are checked before the body is read. */
export const addGraphQLRoute = (app: FastifyInstance, options: GraphQLRouteOptions): void => {
  readJsonBodies(app);
  const { authenticator, clock, requestTimeoutMs: timeoutMs } = options;
  const authenticate = authentication({ authenticator, clock, timeoutMs });
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    onRequest: [
      requireAnswerType,
      requireJsonBody,
      options.clientLimit ? clientLimit(options.clientLimit, authenticate) : authenticate,
      requireRoom(options.memory),
    ],
    handler: handler(options),
  });
};
