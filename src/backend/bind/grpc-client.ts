import type { GrpcMethod } from '../../protobuf/load-proto.ts';
import type { Call, Send } from '../../upstream/call.ts';
import { secretHeadersOf } from '../credentials/own-credentials.ts';
import type { GrpcUpstream } from '../define/upstream-options.ts';
import { headersFor } from './call-headers.ts';
import type { BoundRequest } from './forwarding.ts';
import type { IdempotencyKey } from './idempotency.ts';
import { messageStream } from './message-stream.ts';
import { GRPC_METADATA_RULES, type GrpcMetadata, grpcMetadataRules, type HeaderRules } from './own-headers.ts';

/** Types of a method's messages. A streaming method has `stream`, and `response` is the type of each message. */
export interface GrpcMethodTypes {
  readonly request: unknown;
  readonly response: unknown;
  readonly stream?: true;
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

type GrpcAnswer<Types extends GrpcMethodTypes> = Types extends { readonly stream: true }
  ? AsyncIterable<Types['response']>
  : Promise<Types['response']>;

/**
 * A gRPC upstream, bound to one request: one function for each method of the service that takes one message,
 * `batchGetStock` for `BatchGetStock`. Rejects with an `UpstreamError`; an uncaught NOT_FOUND makes a nullable field
 * null.
 *
 * A streaming method returns its messages, to be read once: `for await (const level of clients.stock.watchStock({
 * below: 5 }))`. The call starts with the loop and is cancelled when the loop is left; the request's deadline ends it
 * with TIMEOUT. Errors are thrown from the loop. A read is retried only before its first message. The loop's pace
 * limits how much is read from the backend.
 */
export type GrpcClient<Methods> = {
  readonly [Method in keyof Methods]: Methods[Method] extends GrpcMethodTypes
    ? (request: Methods[Method]['request'], options?: GrpcCallOptions) => GrpcAnswer<Methods[Method]>
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

/** Creates the client of one upstream for one request. */
export const grpcClient = (
  methods: readonly GrpcMethod[],
  request: BoundRequest,
  send: Send,
  rules: HeaderRules = GRPC_METADATA_RULES,
): AnyGrpcClient => {
  const metadataOf = headersFor(request);

  const callOf = (method: GrpcMethod, message: unknown, { metadata, idempotencyKey }: GrpcCallOptions): Call => ({
    upstream: request.upstream,
    route: method.route,
    idempotent: method.idempotent || idempotencyKey !== undefined,
    principalKey: request.principalKey,
    caller: request.caller,
    isIdentified: request.isIdentified,
    headers: metadataOf({ route: method.route, headers: metadata, idempotencyKey }, rules),
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
    // The request context aborts its signal at the deadline. A stream may outlive the context's owner, so the deadline
    // layer bounds it.
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
