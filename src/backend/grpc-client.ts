import type { Call, Send } from '../upstream/call.ts';
import type { GrpcMethod } from '../upstream/grpc/proto.ts';
import type { BoundRequest } from './bound-request.ts';
import type { IdempotencyKey } from './idempotency.ts';
import { messageStream } from './message-stream.ts';
import { GRPC_METADATA_RULES, type GrpcMetadata } from './own-headers.ts';
import { headersFor } from './sent-headers.ts';

/** The messages of a method; of one whose answer is any number of them, `response` is each and `stream` is there. */
export interface GrpcMethodTypes {
  readonly request: unknown;
  readonly response: unknown;
  readonly stream?: true;
}

export interface GrpcCallOptions {
  /**
   * Declares that sending this twice does no more than sending it once. Sent as `idempotency-key` metadata: a string as a hash of
   * itself, the caller and the method, `{ unscoped }` as it is.
   */
  readonly idempotencyKey?: IdempotencyKey;
  /**
   * Metadata sent in addition to what `forward` declares, in printable ASCII. The client sets those of the connection, of gRPC and of
   * the trace itself.
   */
  readonly metadata?: GrpcMetadata;
}

type GrpcAnswer<Types extends GrpcMethodTypes> = Types extends { readonly stream: true }
  ? AsyncIterable<Types['response']>
  : Promise<Types['response']>;

/**
 * A gRPC upstream, bound to one request: a function for each method of the service that takes one message, `batchGetStock`
 * for `BatchGetStock`. Rejects with an `UpstreamError`; a NOT_FOUND that nobody catches makes a nullable field null.
 *
 * A method that streams gives its messages, to be read once: `for await (const level of clients.stock.watchStock({ below: 5 }))`.
 * The call is opened when the loop begins, and cancelled when it is left; the request's deadline ends it with TIMEOUT. What
 * it fails with is thrown from the loop: of a read only before the first message may it have been tried elsewhere. No more
 * is read from the backend than the loop takes.
 */
export type GrpcClient<Methods> = {
  readonly [Method in keyof Methods]: Methods[Method] extends GrpcMethodTypes
    ? (request: Methods[Method]['request'], options?: GrpcCallOptions) => GrpcAnswer<Methods[Method]>
    : never;
};

/** The client as it is before its types are known. */
export type AnyGrpcClient = Readonly<
  Record<string, (request: unknown, options?: GrpcCallOptions) => Promise<unknown> | AsyncIterable<unknown>>
>;

/** Makes the client of one upstream for one request. */
export const grpcClient = (methods: readonly GrpcMethod[], request: BoundRequest, send: Send): AnyGrpcClient => {
  const metadataOf = headersFor(request, GRPC_METADATA_RULES);

  const callOf = (method: GrpcMethod, message: unknown, { metadata, idempotencyKey }: GrpcCallOptions): Call => ({
    upstream: request.upstream,
    route: method.route,
    idempotent: method.idempotent || idempotencyKey !== undefined,
    principalKey: request.principalKey,
    caller: request.caller,
    isIdentified: request.isIdentified,
    headers: metadataOf({ route: method.route, headers: metadata, idempotencyKey }),
    message: {
      protocol: 'grpc',
      path: method.path,
      request: method.encode(message),
      safe: method.safe,
      decode: method.decode,
      streaming: method.streaming,
    },
    deadline: request.deadline,
    signal: request.signal,
    // What a request context promises of its signal. A stream may outlive whoever made its context: its deadline is kept below.
    bounded: !method.streaming,
    request: request.trace,
    attempt: 1,
    endpoint: null,
    affinity: request.affinity,
  });

  const unary =
    (method: GrpcMethod) =>
    async (message: unknown, options: GrpcCallOptions = {}) =>
      (await send(callOf(method, message, options))).value;
  const streaming =
    (method: GrpcMethod) =>
    (message: unknown, options: GrpcCallOptions = {}) =>
      messageStream(`${request.upstream}: ${method.route}`, () => callOf(method, message, options), send);

  const client: Record<string, AnyGrpcClient[string]> = {};
  for (const method of methods) client[method.name] = method.streaming ? streaming(method) : unary(method);
  return client;
};
