import type { GrpcMethod } from '../../protobuf/load-proto.ts';
import type { Call, GrpcMessage, Send } from '../../upstream/call.ts';
import { secretHeadersOf } from '../credentials/own-credentials.ts';
import type { GrpcUpstream } from '../define/upstream-options.ts';
import { type MessageSequence, outgoingStream, withoutWrapper } from '../grpc/outgoing-stream.ts';
import type { BoundRequest } from './bind-request.ts';
import { headersFor } from './call-headers.ts';
import type { IdempotencyKey } from './idempotency.ts';
import { messageStream } from './message-stream.ts';
import { GRPC_METADATA_RULES, type GrpcMetadata, grpcMetadataRules, type HeaderRules } from './own-headers.ts';

/**
 * Types of a method's messages. With `stream`, `response` is the type of each message of the answer; with `clientStream`,
 * `request` that of each message of the request.
 */
export interface GrpcMethodTypes {
  readonly request: unknown;
  readonly response: unknown;
  readonly stream?: true;
  readonly clientStream?: true;
}

export interface GrpcCallOptions {
  /**
   * Declares that sending the call twice has the same effect as sending it once. Sent as `idempotency-key` metadata: a
   * string as a hash of the key, the caller and the method; `{ unscoped }` unchanged.
   */
  readonly idempotencyKey?: IdempotencyKey;
  /**
   * Metadata in addition to `forward`, in printable ASCII. The client itself sets the metadata of the connection, of
   * gRPC and of the trace.
   */
  readonly metadata?: GrpcMetadata;
}

type GrpcRequest<Types extends GrpcMethodTypes> = Types extends { readonly clientStream: true }
  ? MessageSequence<Types['request']>
  : Types['request'];

type GrpcAnswer<Types extends GrpcMethodTypes> = Types extends { readonly stream: true }
  ? AsyncIterable<Types['response']>
  : Promise<Types['response']>;

/**
 * A gRPC upstream, bound to one request: one function for each method of the service,
 * `batchGetStock` for `BatchGetStock`. Rejects with an `UpstreamError`; an uncaught NOT_FOUND makes a nullable field
 * null.
 *
 * A streaming method returns its messages, to be read once: `for await (const level of clients.stock.watchStock({
 * below: 5 }))`. The call starts with the loop and is cancelled when the loop is left; the request's deadline ends it
 * with TIMEOUT. Errors are thrown from the loop. A read is retried only before its first message. The loop's pace
 * limits how much is read from the backend.
 *
 * A client-streaming method takes an AsyncIterable of messages, or a list. Each message is requested when the connection
 * accepts it, and the iteration ends with the call. An error of the iterable cancels the call and is thrown unchanged.
 * The call is not retried once its first message was taken, and the request's deadline bounds it instead of `timeoutMs`.
 */
export type GrpcClient<Methods> = {
  readonly [Method in keyof Methods]: Methods[Method] extends GrpcMethodTypes
    ? (request: GrpcRequest<Methods[Method]>, options?: GrpcCallOptions) => GrpcAnswer<Methods[Method]>
    : never;
};

/** The client without its types. */
export type AnyGrpcClient = Readonly<
  Record<string, (request: unknown, options?: GrpcCallOptions) => Promise<unknown> | AsyncIterable<unknown>>
>;

const known = new WeakMap<GrpcUpstream, HeaderRules>();

/** The rules for the metadata of an upstream's calls, memoized. */
export const metadataRulesOf = (definition: GrpcUpstream): HeaderRules => {
  const rules = known.get(definition) ?? grpcMetadataRules(secretHeadersOf(definition));
  known.set(definition, rules);
  return rules;
};

const NO_MESSAGE = new Uint8Array(0);

/** Creates the client of one upstream for one request. */
export const grpcClient = (
  methods: readonly GrpcMethod[],
  request: BoundRequest,
  send: Send,
  rules: HeaderRules = GRPC_METADATA_RULES,
  hasRequestHook = false,
): AnyGrpcClient => {
  const metadataOf = headersFor(request);

  const nameOf = ({ route }: GrpcMethod): string => `${request.upstream}: ${route}`;

  const requestOf = (method: GrpcMethod, message: unknown): Pick<GrpcMessage, 'request' | 'outgoing' | 'codec'> => {
    if (method.clientStreams)
      return { request: NO_MESSAGE, outgoing: outgoingStream(nameOf(method), message, method.encode) };
    const request = method.encode(message);
    return hasRequestHook ? { request, codec: method.requestCodec } : { request };
  };

  const callOf = (method: GrpcMethod, message: unknown, { metadata, idempotencyKey }: GrpcCallOptions): Call => ({
    upstream: request.upstream,
    route: method.route,
    idempotent: method.idempotent || idempotencyKey !== undefined,
    principalKey: request.principalKey,
    subject: request.subject,
    caller: request.caller,
    isIdentified: request.isIdentified,
    headers: metadataOf({ route: method.route, headers: metadata, idempotencyKey }, rules),
    message: {
      protocol: 'grpc',
      path: method.path,
      ...requestOf(method, message),
      safe: method.safe,
      decode: method.decode,
      streaming: method.streaming,
    },
    deadline: request.deadline,
    signal: request.signal,
    // The request context aborts its signal at the deadline. A stream may outlive the context's owner, so the deadline
    // layer bounds it.
    bounded: !method.streaming && !method.clientStreams,
    request: request.trace,
    attempt: 1,
    endpoint: null,
    affinity: request.affinity,
    origin: request.origin,
  });

  const unary =
    (method: GrpcMethod) =>
    async (message: unknown, options: GrpcCallOptions = {}) => {
      try {
        return (await send(callOf(method, message, options))).value;
      } catch (error) {
        throw withoutWrapper(error);
      }
    };
  const streaming =
    (method: GrpcMethod) =>
    (message: unknown, options: GrpcCallOptions = {}) =>
      messageStream(nameOf(method), () => callOf(method, message, options), send);

  const client: Record<string, AnyGrpcClient[string]> = {};
  for (const method of methods) client[method.name] = method.streaming ? streaming(method) : unary(method);
  return client;
};
